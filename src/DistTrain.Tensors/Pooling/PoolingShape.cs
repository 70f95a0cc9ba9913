namespace DistTrain.Tensors;

/// <summary>Sizes of pooling over one sample, channels last: x [InHeight, InWidth, Channels], y [OutHeight, OutWidth, Channels].</summary>
/// <param name="InHeight">Rows of x, at least 1.</param>
/// <param name="InWidth">Columns of x, at least 1.</param>
/// <param name="Channels">At least 1.</param>
/// <param name="PoolHeight">Rows of a window, at least 1.</param>
/// <param name="PoolWidth">Columns of a window, at least 1.</param>
/// <param name="StrideHeight">Rows from one window to the next, at least 1; windows overlap when it is below PoolHeight.</param>
/// <param name="StrideWidth">Columns from one window to the next, at least 1.</param>
/// <param name="PadTop">Rows outside above x that windows may cover, 0 to PoolHeight - 1; likewise the other three.</param>
/// <param name="PadLeft">Columns outside.</param>
/// <param name="PadBottom">Rows outside.</param>
/// <param name="PadRight">Columns outside.</param>
public readonly record struct PoolingShape(
    int InHeight,
    int InWidth,
    int Channels,
    int PoolHeight,
    int PoolWidth,
    int StrideHeight,
    int StrideWidth,
    int PadTop = 0,
    int PadLeft = 0,
    int PadBottom = 0,
    int PadRight = 0)
{
    /// <summary>⌊(InHeight + PadTop + PadBottom - PoolHeight) / StrideHeight⌋ + 1.</summary>
    public int OutHeight => ((InHeight + PadTop + PadBottom - PoolHeight) / StrideHeight) + 1;

    /// <summary>⌊(InWidth + PadLeft + PadRight - PoolWidth) / StrideWidth⌋ + 1.</summary>
    public int OutWidth => ((InWidth + PadLeft + PadRight - PoolWidth) / StrideWidth) + 1;

    /// <summary>Floats of one sample of x.</summary>
    public int InLength => InHeight * InWidth * Channels;

    /// <summary>Floats of one sample of y.</summary>
    public int OutLength => OutHeight * OutWidth * Channels;

    /// <summary>No padding: only windows that lie inside (Keras' "valid").</summary>
    public static PoolingShape Valid(
        int inHeight, int inWidth, int channels, int poolHeight, int poolWidth, int strideHeight, int strideWidth) =>
        new(inHeight, inWidth, channels, poolHeight, poolWidth, strideHeight, strideWidth);

    /// <summary>Out = ⌈in / stride⌉; an odd row or column of padding goes to the bottom or right (Keras' "same").</summary>
    public static PoolingShape Same(
        int inHeight, int inWidth, int channels, int poolHeight, int poolWidth, int strideHeight, int strideWidth)
    {
        int vertical = ConvolutionShape.SamePadding(inHeight, poolHeight, strideHeight);
        int horizontal = ConvolutionShape.SamePadding(inWidth, poolWidth, strideWidth);
        return new(
            inHeight,
            inWidth,
            channels,
            poolHeight,
            poolWidth,
            strideHeight,
            strideWidth,
            vertical / 2,
            horizontal / 2,
            vertical - (vertical / 2),
            horizontal - (horizontal / 2));
    }

    /// <summary>As "in (28, 28, 1), window 2x2, stride 2x2, padding 0 0 0 0 (top, left, bottom, right)".</summary>
    public override string ToString() =>
        $"in ({InHeight}, {InWidth}, {Channels}), window {PoolHeight}x{PoolWidth}, stride {StrideHeight}x{StrideWidth}, "
        + $"padding {PadTop} {PadLeft} {PadBottom} {PadRight} (top, left, bottom, right)";

    /// <exception cref="ArgumentException">A size is out of range, no window fits, or a tensor exceeds an int.</exception>
    internal void Check()
    {
        if (InHeight <= 0 || InWidth <= 0 || Channels <= 0 || PoolHeight <= 0 || PoolWidth <= 0 || StrideHeight <= 0 || StrideWidth <= 0)
        {
            throw new ArgumentException($"Sizes and strides must be at least 1: {this}.");
        }

        // Every window then holds at least one position of x, so a maximum and a mean exist.
        if (PadTop < 0 || PadLeft < 0 || PadBottom < 0 || PadRight < 0
            || PadTop >= PoolHeight || PadBottom >= PoolHeight || PadLeft >= PoolWidth || PadRight >= PoolWidth)
        {
            throw new ArgumentException($"Padding must be at least 0 and less than the window: {this}.");
        }

        if ((long)InHeight + PadTop + PadBottom < PoolHeight || (long)InWidth + PadLeft + PadRight < PoolWidth)
        {
            throw new ArgumentException($"The window is larger than the padded input: {this}.");
        }

        if (((long)InHeight + PadTop + PadBottom) * ((long)InWidth + PadLeft + PadRight) > int.MaxValue / Channels)
        {
            throw new ArgumentException($"A tensor of one sample would have more than {int.MaxValue} elements: {this}.");
        }
    }
}
