namespace DistTrain.Tensors;

/// <summary>
/// Elementwise formulas of a matrix whose last operand is a vector along the rows: y[r, c] = op(a[r, c], v[c]), or
/// op(a[r, c], b[r, c], v[c]). A narrow vector is repeated, so that narrow rows still fill vectors.
/// </summary>
internal static unsafe class ColumnDriver
{
    /// <summary>Floats a repeated vector is stretched to.</summary>
    private const int TileMax = 1024;

    /// <param name="name">Of the operation, for errors. Not typeof(TOp).Name: the runtime makes that string anew after every collection.</param>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="op">Of two operands, or of three with b.</param>
    /// <param name="rows">Rows of the matrices.</param>
    /// <param name="cols">Columns of the matrices.</param>
    /// <param name="y">[rows, cols]</param>
    /// <param name="a">[rows, cols]; may be y</param>
    /// <param name="b">[rows, cols]; may be y; not read by an op of two operands</param>
    /// <param name="v">[cols]</param>
    public static void Run<TOp>(
        string name, ForkJoinPool pool, TOp op, int rows, int cols, Span<float> y, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> v)
        where TOp : unmanaged, IElementwise
    {
        Matrix.Check(name, rows, cols, a, y);
        Matrix.CheckLength(name, nameof(v), v, cols);
        if (TOp.Inputs > 2)
        {
            Matrix.Check(name, rows, cols, b, y);
        }

        if (y.IsEmpty)
        {
            return;
        }

        int repeats = Math.Clamp(TileMax / cols, 1, rows);
        float* tile = stackalloc float[TileMax];
        fixed (float* pa = a, pb = b, pv = v, py = y)
        {
            for (int i = 0; i < repeats && repeats > 1; i++)
            {
                v.CopyTo(new Span<float>(tile + (i * cols), cols));
            }

            var call = new Call<TOp> { A = pa, B = pb, V = repeats > 1 ? tile : pv, Y = py, Rows = rows, Cols = cols, Repeats = repeats, Op = op };
            pool.Run(Matrix.Parts(pool, rows, cols, out call.PartRows), &Part<TOp>, &call);
        }
    }

    private static void Part<TOp>(void* context, int part)
        where TOp : unmanaged, IElementwise
    {
        var call = (Call<TOp>*)context;
        int end = Math.Min(call->Rows, (part + 1) * call->PartRows);
        for (int row = part * call->PartRows; row < end; row += call->Repeats)
        {
            int length = Math.Min(call->Repeats, end - row) * call->Cols;
            long start = (long)row * call->Cols;
            ReadOnlySpan<float> a = new(call->A + start, length), v = new(call->V, length);
            Span<float> y = new(call->Y + start, length);
            if (TOp.Inputs > 2)
            {
                ElementwiseDriver.Run(ForkJoinPool.Single, call->Op, y, a, new ReadOnlySpan<float>(call->B + start, length), v);
            }
            else
            {
                ElementwiseDriver.Run(ForkJoinPool.Single, call->Op, y, a, v);
            }
        }
    }

    private struct Call<TOp>
        where TOp : unmanaged, IElementwise
    {
        public float* A;
        public float* B;
        public float* V;
        public float* Y;
        public int Rows;
        public int Cols;
        public int PartRows;
        public int Repeats;
        public TOp Op;
    }
}
