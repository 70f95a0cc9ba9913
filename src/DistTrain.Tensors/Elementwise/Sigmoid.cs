using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>Sigmoid and hyperbolic tangent.</content>
public static partial class Elementwise
{
    /// <summary>y = 1 / (1 + e⁻ˣ)</summary>
    public static void Sigmoid(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SigmoidOp(), y, x);

    /// <summary>dx = dy · (y · (1 - y)), with y the output of <see cref="Sigmoid"/></summary>
    public static void SigmoidBackward(ForkJoinPool pool, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new SigmoidBackwardOp(), dx, y, dy);

    /// <summary>y = tanh x</summary>
    public static void Tanh(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new TanhOp(), y, x);

    /// <summary>dx = dy · (1 - y²), the difference in one fma, with y the output of <see cref="Tanh"/></summary>
    public static void TanhBackward(ForkJoinPool pool, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new TanhBackwardOp(), dx, y, dy);

    private readonly struct SigmoidOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Sigmoid(a);
    }

    private readonly struct SigmoidBackwardOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Multiply(b, L.Multiply(a, L.Subtract(L.Create(1f), a)));
    }

    private readonly struct TanhOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Tanh(a);
    }

    private readonly struct TanhBackwardOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Multiply(b, L.Fma(L.Xor(a, L.CreateBits(int.MinValue)), a, L.Create(1f)));
    }
}
