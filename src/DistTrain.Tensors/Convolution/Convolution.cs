namespace DistTrain.Tensors;

/// <summary>
/// Two-dimensional convolution, channels last, and its two gradients. Rows of the batch never influence each other's bits;
/// the orders of operations stand in docs/numerics.md, and as code in <see cref="ConvolutionReference"/>.
/// </summary>
public static class Convolution
{
    /// <summary>y = activation(x * w + bias), one rounding for the bias after the whole product.</summary>
    /// <param name="pool">Threads; the result doesn't depend on it.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="x">[n, InHeight, InWidth, InChannels].</param>
    /// <param name="w">[KernelHeight, KernelWidth, InChannels, OutChannels].</param>
    /// <param name="y">[n, OutHeight, OutWidth, OutChannels], overwritten; must not overlap an input.</param>
    /// <param name="bias">[OutChannels], or empty for none.</param>
    /// <param name="relu">Applies relu after the bias.</param>
    /// <exception cref="ArgumentException">The shape is impossible, a span has another length, or y overlaps an input.</exception>
    public static void Forward(
        ForkJoinPool pool,
        in ConvolutionShape shape,
        int samples,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> w,
        Span<float> y,
        ReadOnlySpan<float> bias = default,
        bool relu = false)
    {
        ArgumentNullException.ThrowIfNull(pool);
        shape.Check();
        KernelArguments.CheckRows(samples);
        KernelArguments.CheckInput(x, (long)samples * shape.InLength, y, nameof(x));
        KernelArguments.CheckInput(w, shape.WeightLength, y, nameof(w));
        KernelArguments.CheckInput(bias, bias.IsEmpty ? 0 : shape.OutChannels, y, nameof(bias));
        KernelArguments.CheckLength(y.Length, (long)samples * shape.OutLength, nameof(y));
        TapConvolution.Run(pool, ConvolutionKernelSet.Best, shape, data: false, samples, x, w, y, bias, relu);
    }

    /// <summary>dx = the gradient of the loss with respect to x, from dy.</summary>
    /// <param name="pool">Threads; the result doesn't depend on it.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="dy">[n, OutHeight, OutWidth, OutChannels].</param>
    /// <param name="w">[KernelHeight, KernelWidth, InChannels, OutChannels].</param>
    /// <param name="dx">[n, InHeight, InWidth, InChannels], overwritten; must not overlap an input.</param>
    /// <exception cref="ArgumentException">The shape is impossible, a span has another length, or dx overlaps an input.</exception>
    public static void BackwardData(
        ForkJoinPool pool, in ConvolutionShape shape, int samples, ReadOnlySpan<float> dy, ReadOnlySpan<float> w, Span<float> dx)
    {
        ArgumentNullException.ThrowIfNull(pool);
        shape.Check();
        KernelArguments.CheckRows(samples);
        KernelArguments.CheckInput(dy, (long)samples * shape.OutLength, dx, nameof(dy));
        KernelArguments.CheckInput(w, shape.WeightLength, dx, nameof(w));
        KernelArguments.CheckLength(dx.Length, (long)samples * shape.InLength, nameof(dx));
        TapConvolution.Run(pool, ConvolutionKernelSet.Best, shape, data: true, samples, dy, w, dx, bias: default, relu: false);
    }

    /// <summary>dw = the gradient of the summed loss with respect to w: per slice over (sample, oy, ox) ascending, then the tree.</summary>
    /// <param name="pool">Threads; the result doesn't depend on it.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="slices">The tree over the samples; its rows are samples. Without rows the gradient is +0.</param>
    /// <param name="x">[slices.Rows, InHeight, InWidth, InChannels].</param>
    /// <param name="dy">[slices.Rows, OutHeight, OutWidth, OutChannels].</param>
    /// <param name="dw">[KernelHeight, KernelWidth, InChannels, OutChannels], overwritten; must not overlap an input.</param>
    /// <exception cref="ArgumentException">The shape is impossible, a span has another length, or dw overlaps an input.</exception>
    public static void BackwardWeights(
        ForkJoinPool pool, in ConvolutionShape shape, SliceTree slices, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dw)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(slices);
        shape.Check();
        KernelArguments.CheckInput(x, (long)slices.Rows * shape.InLength, dw, nameof(x));
        KernelArguments.CheckInput(dy, (long)slices.Rows * shape.OutLength, dw, nameof(dy));
        KernelArguments.CheckLength(dw.Length, shape.WeightLength, nameof(dw));
        ConvolutionWeightGradient.Run(pool, ConvolutionKernelSet.Best, shape, slices, x, dy, dw);
    }
}
