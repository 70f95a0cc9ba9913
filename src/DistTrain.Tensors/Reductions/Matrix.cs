namespace DistTrain.Tensors;

/// <summary>Checks and division into parts that kernels on row-major matrices share.</summary>
internal static class Matrix
{
    /// <summary>Elements below which a part isn't worth another thread's wake-up.</summary>
    private const int PartMin = 8 * 1024;

    public static void Check(string op, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Check(op, rows, cols, x);
        CheckLength(op, nameof(y), y, x.Length);
        if (y.Overlaps(x, out int offset) && offset != 0)
        {
            throw new ArgumentException($"{op}: the output overlaps the input, shifted by {offset} elements.");
        }
    }

    public static void Check(string op, int rows, int cols, ReadOnlySpan<float> x)
    {
        if (rows < 0 || cols < 0 || (long)rows * cols != x.Length)
        {
            throw new ArgumentException($"{op}: [{rows}, {cols}] is not the shape of {x.Length} elements.");
        }
    }

    public static void CheckLength(string op, string name, ReadOnlySpan<float> span, int length)
    {
        if (span.Length != length)
        {
            throw new ArgumentException($"{op}: {name} has {span.Length} elements, not {length}.");
        }
    }

    /// <summary>How many parts of whole rows to run; a part's rows in partRows.</summary>
    public static int Parts(ForkJoinPool pool, int rows, int cols, out int partRows)
    {
        int parts = pool.Threads == 1 ? 1 : (int)Math.Clamp((long)rows * cols / PartMin, 1, Math.Min(4 * pool.Threads, Math.Max(rows, 1)));
        partRows = (rows + parts - 1) / parts;
        return parts;
    }
}
