namespace DistTrain.Tensors;

/// <summary>
/// Each channel less its mean over the rows of a slice, divided by its deviation (Ioffe and Szegedy, "Batch Normalization", 2015).
/// Rows are samples, or samples times positions; a slice is a leaf of the tree over rows. h = (x - mean) r, r = 1 / √(variance +
/// epsilon), y = fma(h, gain, bias).
/// </summary>
/// <remarks>A channel of a slice is a chain of its own over the rows ascending, so neither width nor threads show.</remarks>
public static unsafe class BatchNorm
{
    /// <summary>Per slice and channel: mean = sum x / n from +0, plain additions; variance = sum of fma(d, d, acc) / n, d = x - mean.</summary>
    /// <param name="pool">Threads that share slices and channels.</param>
    /// <param name="slices">The tree over the rows of x.</param>
    /// <param name="channels">Columns of x.</param>
    /// <param name="x">[slices.Rows, channels]</param>
    /// <param name="mean">[slices.PresentLeaves, channels]</param>
    /// <param name="variance">[slices.PresentLeaves, channels]</param>
    public static void Statistics(ForkJoinPool pool, SliceTree slices, int channels, ReadOnlySpan<float> x, Span<float> mean, Span<float> variance)
    {
        Check(pool, slices, channels, x, mean, variance);
        fixed (float* px = x, pm = mean, pv = variance)
        {
            Run(pool, slices, new BatchNormKernel { Kind = BatchNormKind.Statistics, X = px, Mean = pm, Scale = pv, Channels = channels });
        }
    }

    /// <summary>Per slice and channel: sums = sum dy, from +0, plain additions; products = sum of fma(dy, h, acc).</summary>
    /// <param name="pool">Threads that share slices and channels.</param>
    /// <param name="slices">The tree over the rows of x.</param>
    /// <param name="channels">Columns of x.</param>
    /// <param name="x">[slices.Rows, channels]</param>
    /// <param name="dy">[slices.Rows, channels]</param>
    /// <param name="mean">[slices.PresentLeaves, channels]</param>
    /// <param name="r">[slices.PresentLeaves, channels]</param>
    /// <param name="sums">[slices.PresentLeaves, channels]</param>
    /// <param name="products">[slices.PresentLeaves, channels]</param>
    public static void GradientSums(
        ForkJoinPool pool,
        SliceTree slices,
        int channels,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> dy,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> r,
        Span<float> sums,
        Span<float> products)
    {
        Check(pool, slices, channels, x, mean, r);
        Check(pool, slices, channels, dy, sums, products);
        fixed (float* px = x, pd = dy, pm = mean, pr = r, ps = sums, pp = products)
        {
            Run(pool, slices, new BatchNormKernel
            {
                Kind = BatchNormKind.GradientSums,
                X = px,
                Dy = pd,
                Mean = pm,
                Scale = pr,
                Sums = ps,
                Products = pp,
                Channels = channels,
            });
        }
    }

    /// <summary>y = fma((x - mean) r, gain, bias), with the slice's mean and r.</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="slices">The tree over the rows of x.</param>
    /// <param name="channels">Columns of x.</param>
    /// <param name="x">[slices.Rows, channels]</param>
    /// <param name="mean">[slices.PresentLeaves, channels]</param>
    /// <param name="r">[slices.PresentLeaves, channels]</param>
    /// <param name="gain">[channels]</param>
    /// <param name="bias">[channels]</param>
    /// <param name="y">[slices.Rows, channels]; may be x</param>
    public static void Normalize(
        ForkJoinPool pool,
        SliceTree slices,
        int channels,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> r,
        ReadOnlySpan<float> gain,
        ReadOnlySpan<float> bias,
        Span<float> y)
    {
        Check(pool, slices, channels, x, mean, r);
        Check(slices, channels, x, y, gain, bias);
        fixed (float* px = x, pm = mean, pr = r, pg = gain, pb = bias, py = y)
        {
            Run(pool, slices, new BatchNormKernel { Kind = BatchNormKind.Normalize, X = px, Mean = pm, Scale = pr, Sums = pg, Products = pb, Y = py, Channels = channels });
        }
    }

    /// <summary>y = fma((x - mean) r, gain, bias), with one mean and r for all rows.</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="channels">Columns of x.</param>
    /// <param name="x">[rows, channels]</param>
    /// <param name="mean">[channels]</param>
    /// <param name="r">[channels]</param>
    /// <param name="gain">[channels]</param>
    /// <param name="bias">[channels]</param>
    /// <param name="y">[rows, channels]; may be x</param>
    public static void Normalize(
        ForkJoinPool pool,
        int rows,
        int channels,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> r,
        ReadOnlySpan<float> gain,
        ReadOnlySpan<float> bias,
        Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        Matrix.Check(nameof(BatchNorm), rows, channels, x, y);
        Matrix.CheckLength(nameof(BatchNorm), nameof(mean), mean, channels);
        Matrix.CheckLength(nameof(BatchNorm), nameof(r), r, channels);
        Matrix.CheckLength(nameof(BatchNorm), nameof(gain), gain, channels);
        Matrix.CheckLength(nameof(BatchNorm), nameof(bias), bias, channels);
        int parts = Matrix.Parts(pool, rows, channels, out int partRows);
        fixed (float* px = x, pm = mean, pr = r, pg = gain, pb = bias, py = y)
        {
            LaneKernels.Run(pool, parts, new BatchNormKernel
            {
                Kind = BatchNormKind.Normalize,
                X = px,
                Mean = pm,
                Scale = pr,
                Sums = pg,
                Products = pb,
                Y = py,
                Channels = channels,
                Rows = rows,
                PartRows = partRows,
            });
        }
    }

    /// <summary>dx = factor fma(-h, b, dy - a), with the slice's numbers: factor = gain r, a = sums / n, b = products / n.</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="slices">The tree over the rows of x.</param>
    /// <param name="channels">Columns of x.</param>
    /// <param name="x">[slices.Rows, channels]</param>
    /// <param name="dy">[slices.Rows, channels]</param>
    /// <param name="mean">[slices.PresentLeaves, channels]</param>
    /// <param name="r">[slices.PresentLeaves, channels]</param>
    /// <param name="gain">[channels]</param>
    /// <param name="a">[slices.PresentLeaves, channels]</param>
    /// <param name="b">[slices.PresentLeaves, channels]</param>
    /// <param name="dx">[slices.Rows, channels]; may be dy</param>
    public static void BackwardData(
        ForkJoinPool pool,
        SliceTree slices,
        int channels,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> dy,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> r,
        ReadOnlySpan<float> gain,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> dx)
    {
        Check(pool, slices, channels, x, mean, r);
        Check(pool, slices, channels, dy, a, b);
        Check(slices, channels, x, dx, gain, gain);
        fixed (float* px = x, pd = dy, pm = mean, pr = r, pg = gain, pa = a, pb = b, py = dx)
        {
            Run(pool, slices, new BatchNormKernel
            {
                Kind = BatchNormKind.BackwardData,
                X = px,
                Dy = pd,
                Mean = pm,
                Scale = pr,
                Gain = pg,
                Sums = pa,
                Products = pb,
                Y = py,
                Channels = channels,
            });
        }
    }

    private static void Run(ForkJoinPool pool, SliceTree slices, BatchNormKernel kernel)
    {
        fixed (int* starts = slices.RowStarts, counts = slices.RowCounts)
        {
            kernel.Starts = starts;
            kernel.Counts = counts;
            kernel.Blocks = (kernel.Channels + BatchNormKernel.BlockChannels - 1) / BatchNormKernel.BlockChannels;
            LaneKernels.Run(pool, slices.PresentLeaves * kernel.Blocks, kernel);
        }
    }

    private static void Check(ForkJoinPool pool, SliceTree slices, int channels, ReadOnlySpan<float> x, ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(slices);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        Matrix.Check(nameof(BatchNorm), slices.Rows, channels, x);
        Matrix.CheckLength(nameof(BatchNorm), nameof(first), first, slices.PresentLeaves * channels);
        Matrix.CheckLength(nameof(BatchNorm), nameof(second), second, slices.PresentLeaves * channels);
    }

    private static void Check(SliceTree slices, int channels, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias)
    {
        Matrix.Check(nameof(BatchNorm), slices.Rows, channels, x, y);
        Matrix.CheckLength(nameof(BatchNorm), nameof(gain), gain, channels);
        Matrix.CheckLength(nameof(BatchNorm), nameof(bias), bias, channels);
    }
}
