using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>Rectifiers and their derivatives.</content>
public static partial class Elementwise
{
    /// <summary>y = x ≤ 0 ? +0 : x; a NaN passes</summary>
    public static void Relu(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new ReluOp(), y, x);

    /// <summary>dx = y ≤ 0 ? +0 : dy, with y the output of <see cref="Relu"/></summary>
    public static void ReluBackward(ForkJoinPool pool, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new ReluBackwardOp(), dx, y, dy);

    /// <summary>y = x ≤ 0 ? slope · x : x (Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013)</summary>
    public static void LeakyRelu(ForkJoinPool pool, ReadOnlySpan<float> x, float slope, Span<float> y) =>
        ElementwiseDriver.Run(pool, new LeakyReluOp(slope), y, x);

    /// <summary>dx = x ≤ 0 ? slope · dy : dy</summary>
    public static void LeakyReluBackward(
        ForkJoinPool pool, ReadOnlySpan<float> x, float slope, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new LeakyReluBackwardOp(slope), dx, x, dy);

    private readonly struct ReluOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Select(L.LessOrEqual(a, L.Create(0f)), L.Create(0f), a);
    }

    private readonly struct ReluBackwardOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Select(L.LessOrEqual(a, L.Create(0f)), L.Create(0f), b);
    }

    private readonly struct LeakyReluOp(float slope) : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Select(L.LessOrEqual(a, L.Create(0f)), L.Multiply(a, L.Create(slope)), a);
    }

    private readonly struct LeakyReluBackwardOp(float slope) : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Select(L.LessOrEqual(a, L.Create(0f)), L.Multiply(b, L.Create(slope)), b);
    }
}
