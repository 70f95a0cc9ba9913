using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>Sums and maxima in the orders of docs/numerics.md.</summary>
public static unsafe partial class Reductions
{
    /// <summary>y[r] = sum of row r in the 16-lane order.</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="cols">Columns of x, at least 1.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="y">[rows]</param>
    public static void SumCols(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, Span<float> y) =>
        Run<SumFold>("SumCols", pool, rows, cols, x, y);

    /// <summary>y[r] = maximum of row r; a NaN wins, +0 is above -0.</summary>
    /// <inheritdoc cref="SumCols"/>
    public static void MaxCols(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, Span<float> y) =>
        Run<MaxFold>("MaxCols", pool, rows, cols, x, y);

    /// <summary>y[r] = column of the first maximum of row r; a row with a NaN gives its first NaN's column.</summary>
    /// <param name="rows">Rows of x.</param>
    /// <param name="cols">Columns of x, at least 1.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="y">[rows]</param>
    public static void ArgMaxCols(int rows, int cols, ReadOnlySpan<float> x, Span<int> y)
    {
        Matrix.Check("ArgMaxCols", rows, cols, x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cols);
        if (y.Length != rows)
        {
            throw new ArgumentException($"ArgMaxCols: y has {y.Length} elements, not {rows}.");
        }

        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> values = x.Slice(row * cols, cols);
            int best = 0;
            for (int i = 1; i < cols && !float.IsNaN(values[best]); i++)
            {
                if (!(values[i] <= values[best]))
                {
                    best = i;
                }
            }

            y[row] = best;
        }
    }

    /// <summary>Whether no element is infinite or NaN.</summary>
    public static bool AllFinite(ReadOnlySpan<float> x)
    {
        fixed (float* p = x)
        {
            return Lanes.Width switch
            {
                16 => AllFinite<Lane512, Vector512<float>>(p, x.Length),
                8 => AllFinite<Lane256, Vector256<float>>(p, x.Length),
                4 => AllFinite<Lane128, Vector128<float>>(p, x.Length),
                _ => AllFinite<ScalarLane, float>(p, x.Length),
            };
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite<L, V>(float* p, nint count)
        where L : struct, ILane<V>
        where V : struct
    {
        // 0 · x is ±0 for a finite x and NaN otherwise, and a NaN stays in its sum: one fma an element.
        V zero = L.Create(0f), first = zero, second = zero, third = zero, fourth = zero;
        nint i = 0;
        for (; i <= count - (4 * L.Width); i += 4 * L.Width)
        {
            first = L.Fma(L.Load(p + i), zero, first);
            second = L.Fma(L.Load(p + i + L.Width), zero, second);
            third = L.Fma(L.Load(p + i + (2 * L.Width)), zero, third);
            fourth = L.Fma(L.Load(p + i + (3 * L.Width)), zero, fourth);
        }

        for (; i <= count - L.Width; i += L.Width)
        {
            first = L.Fma(L.Load(p + i), zero, first);
        }

        if (i < count)
        {
            first = L.Fma(L.LoadPartial(p + i, (int)(count - i), 0f), zero, first);
        }

        V sum = L.Add(L.Add(first, second), L.Add(third, fourth));
        return !L.Any(L.Xor(L.Equal(sum, sum), L.CreateBits(-1)));
    }

    private static void Run<TFold>(string op, ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, Span<float> y)
        where TFold : struct, IFold
    {
        Matrix.Check(op, rows, cols, x);
        Matrix.CheckLength(op, nameof(y), y, rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cols);
        fixed (float* px = x, py = y)
        {
            var call = new FoldCall { X = px, Y = py, Rows = rows, Cols = cols, Width = Lanes.Width };
            pool.Run(Matrix.Parts(pool, rows, cols, out call.PartRows), &Part<TFold>, &call);
        }
    }

    private static void Part<TFold>(void* context, int part)
        where TFold : struct, IFold
    {
        var call = (FoldCall*)context;
        int first = part * call->PartRows;
        int count = Math.Min(call->PartRows, call->Rows - first);
        float* x = call->X + ((long)first * call->Cols), y = call->Y + first;
        switch (call->Width)
        {
            case 16:
                Rows<TFold, Lane512, Vector512<float>>(x, y, count, call->Cols);
                break;
            case 8:
                Rows<TFold, DoubleLane<Lane256, Vector256<float>>, Pair<Vector256<float>>>(x, y, count, call->Cols);
                break;
            default:
                Rows<TFold, DoubleLane<DoubleLane<Lane128, Vector128<float>>, Pair<Vector128<float>>>, Pair<Pair<Vector128<float>>>>(
                    x, y, count, call->Cols);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<TFold, L, V>(float* x, float* y, int rows, int cols)
        where TFold : struct, IFold
        where L : struct, ILane<V>
        where V : struct
    {
        float* memory = stackalloc float[SixteenLanes.BlockLength];
        float* block = SixteenLanes.Align(memory);
        for (int row = 0; row < rows; row++, x += cols)
        {
            y[row] = SixteenLanes.Row<TFold, L, V>(x, cols, block);
        }
    }

    private struct FoldCall
    {
        public float* X;
        public float* Y;
        public int Rows;
        public int Cols;
        public int PartRows;
        public int Width;
    }
}
