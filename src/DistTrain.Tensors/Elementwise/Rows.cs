namespace DistTrain.Tensors;

/// <content>Operations of a matrix with a vector along its rows or columns.</content>
public static partial class Elementwise
{
    /// <summary>Floats a repeated bias is stretched to, so that narrow rows still fill vectors.</summary>
    private const int TileMax = 1024;

    /// <summary>y[r, c] = x[r, c] + bias[c]</summary>
    /// <param name="pool">Threads that share the work.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="cols">Columns of x and y.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="bias">[cols]</param>
    /// <param name="y">[rows, cols]; may be x</param>
    public static unsafe void AddBias(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> bias, Span<float> y)
    {
        Matrix.Check("AddBias", rows, cols, x, y);
        Matrix.CheckLength("AddBias", nameof(bias), bias, cols);
        if (cols == 0)
        {
            return;
        }

        int repeats = Math.Clamp(TileMax / cols, 1, Math.Max(rows, 1));
        float* tile = stackalloc float[TileMax];
        fixed (float* px = x, pb = bias, py = y)
        {
            for (int i = 0; i < repeats && repeats > 1; i++)
            {
                bias.CopyTo(new Span<float>(tile + (i * cols), cols));
            }

            var call = new RowCall { X = px, V = repeats > 1 ? tile : pb, Y = py, Rows = rows, Cols = cols, Repeats = repeats };
            pool.Run(Matrix.Parts(pool, rows, cols, out call.PartRows), &AddBiasPart, &call);
        }
    }

    /// <summary>y[r, c] = x[r, c] · factors[r]</summary>
    /// <param name="pool">Threads that share the work.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="cols">Columns of x and y.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="factors">[rows]</param>
    /// <param name="y">[rows, cols]; may be x</param>
    public static unsafe void ScaleRows(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> factors, Span<float> y)
    {
        Matrix.Check("ScaleRows", rows, cols, x, y);
        Matrix.CheckLength("ScaleRows", nameof(factors), factors, rows);
        fixed (float* px = x, pf = factors, py = y)
        {
            var call = new RowCall { X = px, V = pf, Y = py, Rows = rows, Cols = cols, Repeats = 1 };
            pool.Run(Matrix.Parts(pool, rows, cols, out call.PartRows), &ScaleRowsPart, &call);
        }
    }

    private static unsafe void AddBiasPart(void* context, int part)
    {
        var call = (RowCall*)context;
        int end = Math.Min(call->Rows, (part + 1) * call->PartRows);
        for (int row = part * call->PartRows; row < end; row += call->Repeats)
        {
            int length = Math.Min(call->Repeats, end - row) * call->Cols;
            long start = (long)row * call->Cols;
            Add(ForkJoinPool.Single, new(call->X + start, length), new(call->V, length), new(call->Y + start, length));
        }
    }

    private static unsafe void ScaleRowsPart(void* context, int part)
    {
        var call = (RowCall*)context;
        int end = Math.Min(call->Rows, (part + 1) * call->PartRows);
        for (int row = part * call->PartRows; row < end; row++)
        {
            long start = (long)row * call->Cols;
            Scale(ForkJoinPool.Single, new(call->X + start, call->Cols), call->V[row], new(call->Y + start, call->Cols));
        }
    }

    private unsafe struct RowCall
    {
        public float* X;
        public float* V;
        public float* Y;
        public int Rows;
        public int Cols;
        public int PartRows;
        public int Repeats;
    }
}
