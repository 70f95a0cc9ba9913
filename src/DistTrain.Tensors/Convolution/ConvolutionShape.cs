namespace DistTrain.Tensors;

/// <summary>
/// Sizes of a two-dimensional convolution of one sample, channels last: x [InHeight, InWidth, InChannels],
/// weights [KernelHeight, KernelWidth, InChannels, OutChannels], y [OutHeight, OutWidth, OutChannels].
/// </summary>
/// <param name="InHeight">Rows of x, at least 1.</param>
/// <param name="InWidth">Columns of x, at least 1.</param>
/// <param name="InChannels">ci, at least 1.</param>
/// <param name="OutChannels">co, at least 1.</param>
/// <param name="KernelHeight">Taps in y, at least 1; may exceed InHeight when padding makes up for it.</param>
/// <param name="KernelWidth">Taps in x, at least 1.</param>
/// <param name="StrideHeight">Rows of x from one row of y to the next, at least 1.</param>
/// <param name="StrideWidth">Columns of x from one column of y to the next, at least 1.</param>
/// <param name="PadTop">Rows outside above x that windows may cover, 0 or more; likewise the other three.</param>
/// <param name="PadLeft">Columns outside.</param>
/// <param name="PadBottom">Rows outside.</param>
/// <param name="PadRight">Columns outside.</param>
public readonly record struct ConvolutionShape(
    int InHeight,
    int InWidth,
    int InChannels,
    int OutChannels,
    int KernelHeight,
    int KernelWidth,
    int StrideHeight = 1,
    int StrideWidth = 1,
    int PadTop = 0,
    int PadLeft = 0,
    int PadBottom = 0,
    int PadRight = 0)
{
    /// <summary>⌊(InHeight + PadTop + PadBottom - KernelHeight) / StrideHeight⌋ + 1.</summary>
    public int OutHeight => ((InHeight + PadTop + PadBottom - KernelHeight) / StrideHeight) + 1;

    /// <summary>⌊(InWidth + PadLeft + PadRight - KernelWidth) / StrideWidth⌋ + 1.</summary>
    public int OutWidth => ((InWidth + PadLeft + PadRight - KernelWidth) / StrideWidth) + 1;

    /// <summary>Floats of one sample of x.</summary>
    public int InLength => InHeight * InWidth * InChannels;

    /// <summary>Floats of one sample of y.</summary>
    public int OutLength => OutHeight * OutWidth * OutChannels;

    /// <summary>Floats of the weights.</summary>
    public int WeightLength => KernelHeight * KernelWidth * InChannels * OutChannels;

    /// <summary>No padding: only windows that lie inside (Keras' "valid").</summary>
    public static ConvolutionShape Valid(
        int inHeight,
        int inWidth,
        int inChannels,
        int outChannels,
        int kernelHeight,
        int kernelWidth,
        int strideHeight = 1,
        int strideWidth = 1) =>
        new(inHeight, inWidth, inChannels, outChannels, kernelHeight, kernelWidth, strideHeight, strideWidth);

    /// <summary>Out = ⌈in / stride⌉; an odd row or column of padding goes to the bottom or right (Keras' "same").</summary>
    public static ConvolutionShape Same(
        int inHeight,
        int inWidth,
        int inChannels,
        int outChannels,
        int kernelHeight,
        int kernelWidth,
        int strideHeight = 1,
        int strideWidth = 1)
    {
        int vertical = SamePadding(inHeight, kernelHeight, strideHeight);
        int horizontal = SamePadding(inWidth, kernelWidth, strideWidth);
        return new(
            inHeight,
            inWidth,
            inChannels,
            outChannels,
            kernelHeight,
            kernelWidth,
            strideHeight,
            strideWidth,
            vertical / 2,
            horizontal / 2,
            vertical - (vertical / 2),
            horizontal - (horizontal / 2));
    }

    /// <summary>
    /// The same convolution with longer rows where the data allows it, because kernels work on runs of pixels within a row: a
    /// 1x1 kernel sees one row of all pixels, and a picture one pixel wide (a time series) is turned on its side. Memory and
    /// every order of operations stay as they are.
    /// </summary>
    internal ConvolutionShape WithLongestRows()
    {
        bool plainWidth = KernelWidth == 1 && StrideWidth == 1 && PadLeft == 0 && PadRight == 0;
        bool plainHeight = KernelHeight == 1 && StrideHeight == 1 && PadTop == 0 && PadBottom == 0;
        if (plainWidth && plainHeight)
        {
            return this with { InHeight = 1, InWidth = InHeight * InWidth };
        }

        return plainWidth && InWidth == 1
            ? new(1, InHeight, InChannels, OutChannels, 1, KernelHeight, 1, StrideHeight, 0, PadTop, 0, PadBottom)
            : this;
    }

    /// <summary>Rows or columns of padding on both sides together that "same" needs.</summary>
    internal static int SamePadding(int size, int window, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        int windows = (size + stride - 1) / stride;
        return Math.Max(((windows - 1) * stride) + window - size, 0);
    }

    /// <summary>As "in (28, 28, 1), kernel 3x3x1x32, stride 1x1, padding 0 0 0 0 (top, left, bottom, right)".</summary>
    public override string ToString() =>
        $"in ({InHeight}, {InWidth}, {InChannels}), kernel {KernelHeight}x{KernelWidth}x{InChannels}x{OutChannels}, "
        + $"stride {StrideHeight}x{StrideWidth}, padding {PadTop} {PadLeft} {PadBottom} {PadRight} (top, left, bottom, right)";

    /// <exception cref="ArgumentException">A size is below its minimum, no window fits, or a tensor exceeds an int.</exception>
    internal void Check()
    {
        bool sizes = InHeight > 0 && InWidth > 0 && InChannels > 0 && OutChannels > 0 && KernelHeight > 0 && KernelWidth > 0;
        bool steps = StrideHeight > 0 && StrideWidth > 0 && PadTop >= 0 && PadLeft >= 0 && PadBottom >= 0 && PadRight >= 0;
        if (!sizes || !steps)
        {
            throw new ArgumentException($"Sizes and strides must be at least 1 and paddings at least 0: {this}.");
        }

        if ((long)InHeight + PadTop + PadBottom < KernelHeight || (long)InWidth + PadLeft + PadRight < KernelWidth)
        {
            throw new ArgumentException($"The kernel is larger than the padded input: {this}.");
        }

        long paddedHeight = (long)InHeight + PadTop + PadBottom, paddedWidth = (long)InWidth + PadLeft + PadRight;
        if (paddedHeight * paddedWidth * Math.Max(InChannels, OutChannels) > int.MaxValue
            || (long)KernelHeight * KernelWidth * InChannels > int.MaxValue / OutChannels)
        {
            throw new ArgumentException($"A tensor of one sample would have more than {int.MaxValue} elements: {this}.");
        }
    }
}
