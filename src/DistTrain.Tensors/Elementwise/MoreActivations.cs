using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>Smooth rectifiers and their derivatives.</content>
public static partial class Elementwise
{
    /// <summary>Klambauer et al., "Self-Normalizing Neural Networks", 2017: scale and alpha.</summary>
    private const float SeluScale = 1.05070099f;
    private const float SeluAlpha = 1.67326319f;

    /// <summary>y = x · sigmoid(x) (Elfwing et al., 2017; Keras: silu or swish)</summary>
    public static void Silu(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SiluOp(), y, x);

    /// <summary>dx = dy · (s · fma(x, 1 - s, 1)), s = sigmoid(x)</summary>
    public static void SiluBackward(ForkJoinPool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new SiluBackwardOp(), dx, x, dy);

    /// <summary>y = x ≤ 0 ? alpha · (exp(x) - 1) : x (Clevert et al., 2015)</summary>
    public static void Elu(ForkJoinPool pool, ReadOnlySpan<float> x, float alpha, Span<float> y) =>
        ElementwiseDriver.Run(pool, new EluOp(1f, alpha), y, x);

    /// <summary>dx = x ≤ 0 ? dy · (alpha · exp(x)) : dy</summary>
    public static void EluBackward(ForkJoinPool pool, ReadOnlySpan<float> x, float alpha, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new EluBackwardOp(1f, alpha), dx, x, dy);

    /// <summary>y = x ≤ 0 ? [scale alpha] · (exp(x) - 1) : scale · x, with 1.05070099 and 1.67326319</summary>
    public static void Selu(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new EluOp(SeluScale, SeluScale * SeluAlpha), y, x);

    /// <summary>dx = x ≤ 0 ? dy · ([scale alpha] · exp(x)) : dy · scale</summary>
    public static void SeluBackward(ForkJoinPool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new EluBackwardOp(SeluScale, SeluScale * SeluAlpha), dx, x, dy);

    /// <summary>y = ln(1 + exp(x)), as relu(x) + log1p(exp(-|x|))</summary>
    public static void Softplus(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SoftplusOp(), y, x);

    /// <summary>dx = dy · sigmoid(x)</summary>
    public static void SoftplusBackward(ForkJoinPool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new SoftplusBackwardOp(), dx, x, dy);

    private readonly struct SiluOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Multiply(a, Functions<L, V>.Sigmoid(a));
    }

    private readonly struct SiluBackwardOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V s = Functions<L, V>.Sigmoid(a), one = L.Create(1f);
            return L.Multiply(b, L.Multiply(s, L.Fma(a, L.Subtract(one, s), one)));
        }
    }

    private readonly struct EluOp(float above, float below) : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Select(
                L.LessOrEqual(a, L.Create(0f)),
                L.Multiply(L.Create(below), L.Subtract(Functions<L, V>.Exp(a), L.Create(1f))),
                L.Multiply(L.Create(above), a));
    }

    private readonly struct EluBackwardOp(float above, float below) : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Multiply(b, L.Select(
                L.LessOrEqual(a, L.Create(0f)), L.Multiply(L.Create(below), Functions<L, V>.Exp(a)), L.Create(above)));
    }

    private readonly struct SoftplusOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V low = L.Or(a, L.Create(-0f)); // -|x|
            V relu = L.Select(L.LessOrEqual(a, L.Create(0f)), L.Create(0f), a);
            return L.Add(relu, Functions<L, V>.Log1p(Functions<L, V>.ExpBelow89(low)));
        }
    }

    private readonly struct SoftplusBackwardOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Multiply(b, Functions<L, V>.Sigmoid(a));
    }
}
