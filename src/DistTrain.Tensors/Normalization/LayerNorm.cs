namespace DistTrain.Tensors;

/// <summary>
/// Each row less its mean, divided by its deviation (Ba et al., "Layer Normalization", 2016): mean = sum x / n, d = x - mean,
/// variance = sum d² / n, r = 1 / √(variance + epsilon), h = d r, y = fma(h, gain, bias). Sums in the 16-lane order.
/// </summary>
/// <remarks>Backward computes the row's mean and r again: they cost less than the memory to keep them. Reference: <see cref="LayerNormReference"/>.</remarks>
public static unsafe class LayerNorm
{
    /// <summary>y = fma(h, gain, bias); without a gain h, or h + bias.</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="cols">n, at least 1.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="gain">[cols], or empty for none.</param>
    /// <param name="bias">[cols], or empty for none.</param>
    /// <param name="epsilon">Above 0.</param>
    /// <param name="y">[rows, cols]; may be x</param>
    public static void Forward(
        ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, float epsilon, Span<float> y)
    {
        Check(rows, cols, x, x, gain, y);
        Matrix.CheckLength(nameof(LayerNorm), nameof(bias), bias, bias.IsEmpty ? 0 : cols);
        Run(pool, LayerNormKind.Forward, rows, cols, x, x, gain, bias, epsilon, y);
    }

    /// <summary>dx = r fma(-h, b, g - a); g = dy gain, a = sum g / n, b = sum of g h / n (fma).</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of all.</param>
    /// <param name="cols">n, at least 1.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="dy">[rows, cols]</param>
    /// <param name="gain">[cols], or empty for none.</param>
    /// <param name="epsilon">Above 0.</param>
    /// <param name="dx">[rows, cols]; may be dy</param>
    public static void BackwardData(
        ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, ReadOnlySpan<float> gain, float epsilon, Span<float> dx)
    {
        Check(rows, cols, x, dy, gain, dx);
        Run(pool, LayerNormKind.Backward, rows, cols, x, dy, gain, default, epsilon, dx);
    }

    /// <summary>terms = dy h: what each row adds to the gradient of the gain.</summary>
    /// <inheritdoc cref="BackwardData"/>
    public static void GainTerms(
        ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float epsilon, Span<float> terms)
    {
        Check(rows, cols, x, dy, default, terms);
        Run(pool, LayerNormKind.GainTerms, rows, cols, x, dy, default, default, epsilon, terms);
    }

    private static void Check(int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, ReadOnlySpan<float> gain, ReadOnlySpan<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cols);
        Matrix.Check(nameof(LayerNorm), rows, cols, x, y);
        Matrix.Check(nameof(LayerNorm), rows, cols, dy, y);
        Matrix.CheckLength(nameof(LayerNorm), nameof(gain), gain, gain.IsEmpty ? 0 : cols);
    }

    private static void Run(
        ForkJoinPool pool,
        LayerNormKind kind,
        int rows,
        int cols,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> dy,
        ReadOnlySpan<float> gain,
        ReadOnlySpan<float> bias,
        float epsilon,
        Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        fixed (float* px = x, pd = dy, pg = gain, pb = bias, py = y)
        {
            int parts = Matrix.Parts(pool, rows, cols, out int partRows);
            LaneKernels.RunSixteen(pool, parts, new LayerNormKernel
            {
                Kind = kind,
                X = px,
                Dy = pd,
                Gain = pg,
                Bias = pb,
                Y = py,
                Rows = rows,
                Cols = cols,
                PartRows = partRows,
                Epsilon = epsilon,
            });
        }
    }
}
