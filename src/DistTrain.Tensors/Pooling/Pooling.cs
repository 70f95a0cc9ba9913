namespace DistTrain.Tensors;

/// <summary>
/// Maximum and average over windows, channels last, forward and backward. Windows cover only positions inside x: padding
/// neither wins a maximum nor counts in a mean. Orders of operations: docs/numerics.md and <see cref="PoolingReference"/>.
/// </summary>
/// <remarks>All methods overwrite their last span, which must not overlap an input; results don't depend on the pool.</remarks>
public static unsafe class Pooling
{
    /// <summary>y = the maximum of each window; a NaN in the window gives NaN.</summary>
    /// <param name="pool">Threads.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="x">[n, InHeight, InWidth, Channels].</param>
    /// <param name="y">[n, OutHeight, OutWidth, Channels].</param>
    /// <exception cref="ArgumentException">The shape is impossible, a span has another length, or y overlaps x.</exception>
    public static void MaxForward(ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> x, Span<float> y)
    {
        CheckForward(pool, shape, samples, x, y);
        fixed (float* xPointer = x, yPointer = y)
        {
            var job = new PoolingJob { Shape = shape, X = xPointer, Y = yPointer };
            job.Run(pool, (long)samples * shape.OutHeight, &MaxPooling.Forward);
        }
    }

    /// <summary>
    /// dx = the sum of dy of the windows, (oy, ox) ascending, of which the position is the first maximum in (y, x) order.
    /// A window whose maximum is NaN gives its gradient to nobody.
    /// </summary>
    /// <param name="pool">Threads.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="x">[n, InHeight, InWidth, Channels]: what the forward pass read.</param>
    /// <param name="y">[n, OutHeight, OutWidth, Channels]: what it wrote.</param>
    /// <param name="dy">As y.</param>
    /// <param name="dx">As x.</param>
    /// <exception cref="ArgumentException">The shape is impossible, a span has another length, or dx overlaps an input.</exception>
    public static void MaxBackward(
        ForkJoinPool pool,
        in PoolingShape shape,
        int samples,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> y,
        ReadOnlySpan<float> dy,
        Span<float> dx)
    {
        CheckBackward(pool, shape, samples, dy, dx);
        KernelArguments.CheckInput(x, (long)samples * shape.InLength, dx, nameof(x));
        KernelArguments.CheckInput(y, (long)samples * shape.OutLength, dx, nameof(y));
        fixed (float* xPointer = x, yPointer = y, dyPointer = dy, dxPointer = dx)
        {
            var job = new PoolingJob { Shape = shape, X = xPointer, Y = yPointer, Dy = dyPointer, Dx = dxPointer };
            job.Run(pool, samples, &MaxPooling.Backward);
        }
    }

    /// <summary>y = the mean of each window over the positions inside x (Keras' rule for padding).</summary>
    /// <param name="pool">Threads.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="x">[n, InHeight, InWidth, Channels].</param>
    /// <param name="y">[n, OutHeight, OutWidth, Channels].</param>
    /// <exception cref="ArgumentException">The shape is impossible, a span has another length, or y overlaps x.</exception>
    public static void AverageForward(ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> x, Span<float> y)
    {
        CheckForward(pool, shape, samples, x, y);
        fixed (float* xPointer = x, yPointer = y)
        {
            var job = new PoolingJob { Shape = shape, X = xPointer, Y = yPointer };
            job.Run(pool, (long)samples * shape.OutHeight, &AveragePooling.Forward);
        }
    }

    /// <summary>dx = the sum, over the windows (oy, ox) ascending that cover the position, of dy / positions inside.</summary>
    /// <param name="pool">Threads.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="dy">[n, OutHeight, OutWidth, Channels].</param>
    /// <param name="dx">[n, InHeight, InWidth, Channels].</param>
    /// <exception cref="ArgumentException">The shape is impossible, a span has another length, or dx overlaps dy.</exception>
    public static void AverageBackward(ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> dy, Span<float> dx)
    {
        CheckBackward(pool, shape, samples, dy, dx);
        fixed (float* dyPointer = dy, dxPointer = dx)
        {
            var job = new PoolingJob { Shape = shape, Dy = dyPointer, Dx = dxPointer };
            job.Run(pool, samples, &AveragePooling.Backward);
        }
    }

    /// <summary>y[n, c] = the mean of x[n, p, c] over the positions p, added in ascending order.</summary>
    /// <param name="pool">Threads.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="positions">Height times width, at least 1.</param>
    /// <param name="channels">At least 1.</param>
    /// <param name="x">[n, positions, channels].</param>
    /// <param name="y">[n, channels].</param>
    /// <exception cref="ArgumentException">A size is below its minimum, a span has another length, or y overlaps x.</exception>
    public static void GlobalAverageForward(
        ForkJoinPool pool, int samples, int positions, int channels, ReadOnlySpan<float> x, Span<float> y) =>
        AverageForward(pool, new PoolingShape(positions, 1, channels, positions, 1, 1, 1), samples, x, y);

    /// <summary>dx[n, p, c] = dy[n, c] / positions.</summary>
    /// <param name="pool">Threads.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="positions">Height times width, at least 1.</param>
    /// <param name="channels">At least 1.</param>
    /// <param name="dy">[n, channels].</param>
    /// <param name="dx">[n, positions, channels].</param>
    /// <exception cref="ArgumentException">A size is below its minimum, a span has another length, or dx overlaps dy.</exception>
    public static void GlobalAverageBackward(
        ForkJoinPool pool, int samples, int positions, int channels, ReadOnlySpan<float> dy, Span<float> dx) =>
        AverageBackward(pool, new PoolingShape(positions, 1, channels, positions, 1, 1, 1), samples, dy, dx);

    private static void CheckForward(
        ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> x, Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        shape.Check();
        KernelArguments.CheckRows(samples);
        KernelArguments.CheckInput(x, (long)samples * shape.InLength, y, nameof(x));
        KernelArguments.CheckLength(y.Length, (long)samples * shape.OutLength, nameof(y));
    }

    private static void CheckBackward(
        ForkJoinPool pool, in PoolingShape shape, int samples, ReadOnlySpan<float> dy, Span<float> dx)
    {
        ArgumentNullException.ThrowIfNull(pool);
        shape.Check();
        KernelArguments.CheckRows(samples);
        KernelArguments.CheckInput(dy, (long)samples * shape.OutLength, dx, nameof(dy));
        KernelArguments.CheckLength(dx.Length, (long)samples * shape.InLength, nameof(dx));
    }
}
