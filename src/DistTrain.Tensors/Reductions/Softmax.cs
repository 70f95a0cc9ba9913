using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>
/// Softmax over the last dimension and its relatives. In each row: m = max x, e = exp(x - m), s = sum of e; maximum and sums in
/// the 16-lane order.
/// </summary>
public static unsafe class Softmax
{
    /// <summary>y = e / s</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="cols">Columns of x and y, at least 1.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="y">[rows, cols]; may be x</param>
    public static void Forward(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, Span<float> y)
    {
        Matrix.Check("Softmax", rows, cols, x, y);
        Run(pool, SoftmaxKind.Probabilities, rows, cols, x, default, y, default);
    }

    /// <summary>dx = y · (dy - sum of y · dy over the row), with y the output of <see cref="Forward"/></summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of all.</param>
    /// <param name="cols">Columns of all, at least 1.</param>
    /// <param name="y">[rows, cols]</param>
    /// <param name="dy">[rows, cols]</param>
    /// <param name="dx">[rows, cols]; may be y or dy</param>
    public static void Backward(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx)
    {
        Matrix.Check("Softmax.Backward", rows, cols, y, dx);
        Matrix.Check("Softmax.Backward", rows, cols, dy, dx);
        Run(pool, SoftmaxKind.Backward, rows, cols, y, dy, dx, default);
    }

    /// <summary>y = (x - m) - ln s</summary>
    /// <inheritdoc cref="Forward"/>
    public static void LogForward(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, Span<float> y)
    {
        Matrix.Check("LogSoftmax", rows, cols, x, y);
        Run(pool, SoftmaxKind.Logarithms, rows, cols, x, default, y, default);
    }

    /// <summary>lse = m + ln s</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="cols">Columns of x, at least 1.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="lse">[rows]</param>
    public static void LogSumExp(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, Span<float> lse)
    {
        Matrix.Check("LogSumExp", rows, cols, x);
        Matrix.CheckLength("LogSumExp", nameof(lse), lse, rows);
        Run(pool, SoftmaxKind.LogSumExp, rows, cols, x, default, default, lse);
    }

    internal static void Run(
        ForkJoinPool pool,
        SoftmaxKind kind,
        int rows,
        int cols,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> z,
        Span<float> y,
        Span<float> perRow)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cols);
        fixed (float* px = x, pz = z, py = y, pr = perRow)
        {
            var call = new SoftmaxCall { Kind = kind, X = px, Z = pz, Y = py, PerRow = pr, Rows = rows, Cols = cols, Width = Lanes.Width };
            pool.Run(Matrix.Parts(pool, rows, cols, out call.PartRows), &Part, &call);
        }
    }

    private static void Part(void* context, int part)
    {
        var call = (SoftmaxCall*)context;
        int first = part * call->PartRows;
        int end = Math.Min(call->Rows, first + call->PartRows);
        switch (call->Width)
        {
            case 16:
                SoftmaxKernel<Lane512, Vector512<float>>.Rows(call, first, end);
                break;
            case 8:
                SoftmaxKernel<DoubleLane<Lane256, Vector256<float>>, Pair<Vector256<float>>>.Rows(call, first, end);
                break;
            default:
                SoftmaxKernel<DoubleLane<DoubleLane<Lane128, Vector128<float>>, Pair<Vector128<float>>>, Pair<Pair<Vector128<float>>>>
                    .Rows(call, first, end);
                break;
        }
    }
}

/// <summary>What a pass over the rows writes.</summary>
internal enum SoftmaxKind
{
    Probabilities,
    Logarithms,
    LogSumExp,
    Backward,

    /// <summary>Probabilities, and ln s - (x[label] - m) per row.</summary>
    CrossEntropy,
}

/// <summary>Arguments of one call.</summary>
internal unsafe struct SoftmaxCall
{
    public SoftmaxKind Kind;
    public float* X;
    public float* Z;
    public float* Y;
    public float* PerRow;
    public int Rows;
    public int Cols;
    public int PartRows;
    public int Width;
}
