namespace DistTrain.Tensors;

/// <summary>
/// Convolution of each channel with a window of its own, channels last, and its gradients: direct, vectorised over channels. Taps in
/// the padding contribute no operation. Orders: docs/numerics.md.
/// </summary>
public static unsafe class DepthwiseConvolution
{
    /// <summary>y[oy, ox, c]: acc = +0; acc = fma(x, w, acc) over (ky, kx) ascending.</summary>
    /// <param name="pool">Threads; the result doesn't depend on it.</param>
    /// <param name="shape">Sizes of one sample: the window is the kernel.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="x">[n, InHeight, InWidth, Channels]</param>
    /// <param name="w">[PoolHeight, PoolWidth, Channels]</param>
    /// <param name="y">[n, OutHeight, OutWidth, Channels], overwritten; must not overlap an input.</param>
    public static void Forward(ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<float> y)
    {
        Check(pool, shape, samples, x, shape.InLength, w, y, shape.OutLength);
        fixed (float* px = x, pw = w, py = y)
        {
            var kernel = new DepthwiseKernel { Kind = DepthwiseKind.Forward, Shape = shape, X = px, W = pw, Y = py };
            LaneKernels.Run(pool, checked(samples * shape.OutHeight), kernel);
        }
    }

    /// <summary>dx: acc = +0; acc = fma(dy, w, acc) over the windows (oy, ox) ascending that hold the position.</summary>
    /// <param name="pool">Threads; the result doesn't depend on it.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="dy">[n, OutHeight, OutWidth, Channels]</param>
    /// <param name="w">[PoolHeight, PoolWidth, Channels]</param>
    /// <param name="dx">[n, InHeight, InWidth, Channels], overwritten; must not overlap an input.</param>
    public static void BackwardData(ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> dy, ReadOnlySpan<float> w, Span<float> dx)
    {
        Check(pool, shape, samples, dy, shape.OutLength, w, dx, shape.InLength);
        fixed (float* pd = dy, pw = w, px = dx)
        {
            var kernel = new DepthwiseKernel { Kind = DepthwiseKind.BackwardData, Shape = shape, Y = pd, W = pw, X = px };
            LaneKernels.Run(pool, samples, kernel);
        }
    }

    /// <summary>dw of each slice: acc = +0; acc = fma(x, dy, acc) over (sample, oy, ox) ascending. The caller climbs the tree.</summary>
    /// <param name="pool">Threads; the result doesn't depend on it.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="slices">The tree over the samples.</param>
    /// <param name="x">[slices.Rows, InHeight, InWidth, Channels]</param>
    /// <param name="dy">[slices.Rows, OutHeight, OutWidth, Channels]</param>
    /// <param name="leaves">[slices.PresentLeaves, PoolHeight, PoolWidth, Channels], overwritten.</param>
    public static void BackwardWeights(
        ForkJoinPool pool, in PoolingShape shape, SliceTree slices, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> leaves)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(slices);
        shape.Check();
        int taps = shape.PoolHeight * shape.PoolWidth;
        KernelArguments.CheckInput(x, (long)slices.Rows * shape.InLength, leaves, nameof(x));
        KernelArguments.CheckInput(dy, (long)slices.Rows * shape.OutLength, leaves, nameof(dy));
        KernelArguments.CheckLength(leaves.Length, (long)slices.PresentLeaves * taps * shape.Channels, nameof(leaves));
        fixed (float* px = x, pd = dy, pl = leaves)
        fixed (int* starts = slices.RowStarts, counts = slices.RowCounts)
        {
            var kernel = new DepthwiseKernel { Kind = DepthwiseKind.BackwardWeights, Shape = shape, X = px, Y = pd, Leaves = pl, Starts = starts, Counts = counts };
            LaneKernels.Run(pool, slices.PresentLeaves * taps, kernel);
        }
    }

    private static void Check(
        ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> input, int inputLength, ReadOnlySpan<float> w, ReadOnlySpan<float> output, int outputLength)
    {
        ArgumentNullException.ThrowIfNull(pool);
        shape.Check();
        KernelArguments.CheckRows(samples);
        KernelArguments.CheckInput(input, (long)samples * inputLength, output, nameof(input));
        KernelArguments.CheckInput(w, (long)shape.PoolHeight * shape.PoolWidth * shape.Channels, output, nameof(w));
        KernelArguments.CheckLength(output.Length, (long)samples * outputLength, nameof(output));
    }
}
