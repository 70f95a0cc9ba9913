using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>Elements of losses; the sums over them are in <see cref="Reductions"/>.</content>
public static partial class Elementwise
{
    /// <summary>y = (a - b)²</summary>
    public static void SquaredDifference(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SquaredDifferenceOp(), y, a, b);

    /// <summary>y = |a - b|</summary>
    public static void AbsoluteDifference(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) =>
        ElementwiseDriver.Run(pool, new AbsoluteDifferenceOp(), y, a, b);

    /// <summary>y = sign(a - b): the derivative of |a - b| by a, 0 where they are equal</summary>
    public static void SignOfDifference(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SignOfDifferenceOp(), y, a, b);

    /// <summary>y = max(x, 0) - x t + ln(1 + e^-|x|): -t ln σ(x) - (1 - t) ln(1 - σ(x)) without overflow. Its derivative by x is σ(x) - t.</summary>
    public static void BinaryCrossEntropyFromLogits(
        ForkJoinPool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> t, Span<float> y) =>
        ElementwiseDriver.Run(pool, new BinaryCrossEntropyFromLogitsOp(), y, x, t);

    /// <summary>y = -t ln p - (1 - t) ln(1 - p) with p first limited to [1e-7, 1 - 1e-7] (Keras' epsilon)</summary>
    public static void BinaryCrossEntropy(ForkJoinPool pool, ReadOnlySpan<float> p, ReadOnlySpan<float> t, Span<float> y) =>
        ElementwiseDriver.Run(pool, new BinaryCrossEntropyOp(), y, p, t);

    /// <summary>dp = (p - t) / (p (1 - p)), and 0 where p was limited</summary>
    public static void BinaryCrossEntropyBackward(
        ForkJoinPool pool, ReadOnlySpan<float> p, ReadOnlySpan<float> t, Span<float> dp) =>
        ElementwiseDriver.Run(pool, new BinaryCrossEntropyBackwardOp(), dp, p, t);

    private readonly struct SquaredDifferenceOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Multiply(L.Subtract(a, b), L.Subtract(a, b));
    }

    private readonly struct AbsoluteDifferenceOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.And(L.Subtract(a, b), L.CreateBits(int.MaxValue));
    }

    private readonly struct SignOfDifferenceOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Signs<L, V>(L.Subtract(a, b));
    }

    private readonly struct BinaryCrossEntropyFromLogitsOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V positive = L.Select(L.LessOrEqual(a, L.Create(0f)), L.Create(0f), a);
            V e = Functions<L, V>.ExpBelow89(L.Or(a, L.CreateBits(int.MinValue)));
            return L.Add(L.Subtract(positive, L.Multiply(a, b)), Functions<L, V>.Log1p(e));
        }
    }

    private readonly struct BinaryCrossEntropyOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V one = L.Create(1f);
            V p = Limited<L, V>(a);
            V yes = L.Multiply(b, Functions<L, V>.Log(p));
            V no = L.Multiply(L.Subtract(one, b), Functions<L, V>.Log(L.Subtract(one, p)));
            return L.Subtract(L.Xor(yes, L.CreateBits(int.MinValue)), no);
        }
    }

    private readonly struct BinaryCrossEntropyBackwardOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V p = Limited<L, V>(a);
            V slope = L.Divide(L.Subtract(p, b), L.Multiply(p, L.Subtract(L.Create(1f), p)));
            return L.Select(L.Equal(p, a), slope, L.Select(L.Equal(a, a), L.Create(0f), a));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Limited<L, V>(V p)
        where L : struct, ILane<V>
        where V : struct
    {
        p = L.Select(L.Less(p, L.Create(1e-7f)), L.Create(1e-7f), p);
        return L.Select(L.Less(L.Create(1f - 1e-7f), p), L.Create(1f - 1e-7f), p);
    }
}
