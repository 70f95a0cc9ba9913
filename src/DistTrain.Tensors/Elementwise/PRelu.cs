using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>Rectifier with trained slopes, one for each column (He et al., "Delving Deep into Rectifiers", 2015).</content>
public static partial class Elementwise
{
    /// <summary>y[r, c] = x ≤ 0 ? slopes[c] · x : x</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="cols">Columns of x and y.</param>
    /// <param name="x">[rows, cols]</param>
    /// <param name="slopes">[cols]</param>
    /// <param name="y">[rows, cols]; may be x</param>
    public static void PRelu(ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> slopes, Span<float> y) =>
        ColumnDriver.Run(nameof(PRelu), pool, new PReluOp(), rows, cols, y, x, default, slopes);

    /// <summary>dx[r, c] = x ≤ 0 ? slopes[c] · dy : dy</summary>
    /// <inheritdoc cref="PRelu"/>
    public static void PReluBackward(
        ForkJoinPool pool, int rows, int cols, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, ReadOnlySpan<float> slopes, Span<float> dx) =>
        ColumnDriver.Run(nameof(PReluBackward), pool, new PReluBackwardOp(), rows, cols, dx, x, dy, slopes);

    /// <summary>What an element adds to the gradient of its slope: x ≤ 0 ? dy · x : +0</summary>
    public static void PReluSlopeTerms(ForkJoinPool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> terms) =>
        ElementwiseDriver.Run(pool, new PReluTermsOp(), terms, x, dy);

    private readonly struct PReluOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Select(L.LessOrEqual(a, L.Create(0f)), L.Multiply(b, a), a);
    }

    private readonly struct PReluBackwardOp : IElementwise
    {
        public static int Inputs => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Select(L.LessOrEqual(a, L.Create(0f)), L.Multiply(c, b), b);
    }

    private readonly struct PReluTermsOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Select(L.LessOrEqual(a, L.Create(0f)), L.Multiply(b, a), L.Create(0f));
    }
}
