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

    /// <summary>y = c (m - c / 2) with m = |a - b| and c = m limited to delta: (a - b)² / 2 near, delta (m - delta / 2) beyond</summary>
    public static void Huber(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, float delta, Span<float> y) =>
        ElementwiseDriver.Run(pool, new HuberOp(delta), y, a, b);

    /// <summary>y = a - b limited to [-delta, delta]: the derivative of the Huber loss by a</summary>
    public static void HuberSlope(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, float delta, Span<float> y) =>
        ElementwiseDriver.Run(pool, new HuberSlopeOp(delta), y, a, b);

    /// <summary>y = max(0, 1 - s p), s = 1 where t is above 0 and -1 elsewhere: targets may be 0 and 1, or -1 and 1</summary>
    public static void Hinge(ForkJoinPool pool, ReadOnlySpan<float> p, ReadOnlySpan<float> t, Span<float> y) =>
        ElementwiseDriver.Run(pool, new HingeOp(), y, p, t);

    /// <summary>y = -s where 1 - s p is above 0, and 0 elsewhere: the derivative of <see cref="Hinge"/> by p</summary>
    public static void HingeSlope(ForkJoinPool pool, ReadOnlySpan<float> p, ReadOnlySpan<float> t, Span<float> y) =>
        ElementwiseDriver.Run(pool, new HingeSlopeOp(), y, p, t);

    /// <summary>y = t (ln t - logp), and 0 where t is not above 0: the elements of a Kullback-Leibler divergence</summary>
    public static void Divergence(ForkJoinPool pool, ReadOnlySpan<float> t, ReadOnlySpan<float> logp, Span<float> y) =>
        ElementwiseDriver.Run(pool, new DivergenceOp(), y, t, logp);

    /// <summary>y = fma(x, factor, shift)</summary>
    public static void ScaleAndShift(ForkJoinPool pool, ReadOnlySpan<float> x, float factor, float shift, Span<float> y) =>
        ElementwiseDriver.Run(pool, new ScaleAndShiftOp(factor, shift), y, x);

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
            where V : struct => Formulas.Sign<L, V>(L.Subtract(a, b));
    }

    private readonly struct HuberOp(float delta) : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V m = L.And(L.Subtract(a, b), L.CreateBits(int.MaxValue));
            V limited = L.Select(L.Less(L.Create(delta), m), L.Create(delta), m);
            return L.Multiply(limited, L.Subtract(m, L.Multiply(L.Create(0.5f), limited)));
        }
    }

    private readonly struct HuberSlopeOp(float delta) : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Formulas.Clip<L, V>(L.Subtract(a, b), L.Create(delta));
    }

    private readonly struct HingeOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V h = L.Subtract(L.Create(1f), L.Multiply(Side<L, V>(b), a));
            return L.Select(L.LessOrEqual(h, L.Create(0f)), L.Create(0f), h);
        }
    }

    private readonly struct HingeSlopeOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V side = Side<L, V>(b);
            V h = L.Subtract(L.Create(1f), L.Multiply(side, a));
            return L.Select(L.LessOrEqual(h, L.Create(0f)), L.Create(0f), L.Xor(side, L.CreateBits(int.MinValue)));
        }
    }

    private readonly struct DivergenceOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V y = L.Multiply(a, L.Subtract(Functions<L, V>.Log(a), b));
            return L.Select(L.LessOrEqual(a, L.Create(0f)), L.Create(0f), y);
        }
    }

    private readonly struct ScaleAndShiftOp(float factor, float shift) : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Fma(a, L.Create(factor), L.Create(shift));
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

    /// <summary>1 where the target is above 0, else -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Side<L, V>(V target)
        where L : struct, ILane<V>
        where V : struct => L.Select(L.LessOrEqual(target, L.Create(0f)), L.Create(-1f), L.Create(1f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Limited<L, V>(V p)
        where L : struct, ILane<V>
        where V : struct
    {
        p = L.Select(L.Less(p, L.Create(1e-7f)), L.Create(1e-7f), p);
        return L.Select(L.Less(L.Create(1f - 1e-7f), p), L.Create(1f - 1e-7f), p);
    }
}
