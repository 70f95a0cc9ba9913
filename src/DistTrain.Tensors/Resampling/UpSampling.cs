namespace DistTrain.Tensors;

/// <summary>Pictures made larger by whole factors, channels last: every pixel repeated, or interpolated between pixel centres.</summary>
/// <remarks>
/// Bilinear: output o lies at s = max((o + ½) / factor - ½, 0) of the input; i = ⌊s⌋, its neighbour min(i + 1, size - 1), f = s - i; the
/// weights of a pixel are the rounded products of (1 - f, f) in y and x. As Keras' UpSampling2D and PyTorch's Upsample without align_corners.
/// </remarks>
public static unsafe class UpSampling
{
    /// <summary>y = x[⌊oy / factor⌋, ⌊ox / factor⌋], or acc = +0; acc = fma(weight, x, acc) over the four neighbours (y, x) ascending.</summary>
    /// <param name="pool">Threads that share the samples.</param>
    /// <param name="size">Of one sample of x.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="x">[n, height, width, channels]</param>
    /// <param name="y">[n, height factor, width factor, channels], overwritten; must not overlap x.</param>
    public static void Forward(ForkJoinPool pool, in UpSamplingShape size, int samples, ReadOnlySpan<float> x, Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        size.Check();
        KernelArguments.CheckInput(x, (long)samples * size.InLength, y, nameof(x));
        KernelArguments.CheckLength(y.Length, (long)samples * size.OutLength, nameof(y));
        fixed (float* px = x, py = y)
        {
            LaneKernels.Run(pool, samples, new UpSamplingKernel { Size = size, X = px, Y = py });
        }
    }

    /// <summary>dx = sum over (oy, ox) ascending of what they take from the position: acc = +0; dy added, or fma(weight, dy, acc).</summary>
    /// <param name="pool">Threads that share the samples.</param>
    /// <param name="size">Of one sample of x.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="dy">[n, height factor, width factor, channels]</param>
    /// <param name="dx">[n, height, width, channels], overwritten; must not overlap dy.</param>
    public static void Backward(ForkJoinPool pool, in UpSamplingShape size, int samples, ReadOnlySpan<float> dy, Span<float> dx)
    {
        ArgumentNullException.ThrowIfNull(pool);
        size.Check();
        KernelArguments.CheckInput(dy, (long)samples * size.OutLength, dx, nameof(dy));
        KernelArguments.CheckLength(dx.Length, (long)samples * size.InLength, nameof(dx));
        fixed (float* pd = dy, px = dx)
        {
            LaneKernels.Run(pool, samples, new UpSamplingKernel { Size = size, X = px, Y = pd, Backward = true });
        }
    }
}
