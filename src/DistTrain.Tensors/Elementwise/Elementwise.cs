using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// Operations on each element of flat spans. All spans of a call have the same length; the output is overwritten and may be
/// exactly one of the inputs.
/// </summary>
/// <remarks>
/// An element's bits depend on the elements at its position alone: not on length, alignment, vector width or threads. Every
/// formula is written once (an IElementwise struct) and runs in ElementwiseDriver. Nothing is fused unless the formula says fma.
/// Lengths that differ and shifted overlaps throw ArgumentException.
/// </remarks>
public static partial class Elementwise
{
    /// <summary>y = a + b</summary>
    public static void Add(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) =>
        ElementwiseDriver.Run(pool, new AddOp(), y, a, b);

    /// <summary>y = a - b</summary>
    public static void Subtract(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SubtractOp(), y, a, b);

    /// <summary>y = a · b</summary>
    public static void Multiply(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) =>
        ElementwiseDriver.Run(pool, new MultiplyOp(), y, a, b);

    /// <summary>y = a / b, IEEE division</summary>
    public static void Divide(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) =>
        ElementwiseDriver.Run(pool, new DivideOp(), y, a, b);

    /// <summary>y = x · factor</summary>
    public static void Scale(ForkJoinPool pool, ReadOnlySpan<float> x, float factor, Span<float> y) =>
        ElementwiseDriver.Run(pool, new ScaleOp(factor), y, x);

    /// <summary>y = fma(b, factor, a)</summary>
    public static void AddScaled(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, float factor, Span<float> y) =>
        ElementwiseDriver.Run(pool, new AddScaledOp(factor), y, a, b);

    /// <summary>y = -x</summary>
    public static void Negate(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new NegateOp(), y, x);

    /// <summary>y = x · x</summary>
    public static void Square(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SquareOp(), y, x);

    /// <summary>y = √x, IEEE square root</summary>
    public static void Sqrt(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SqrtOp(), y, x);

    /// <summary>y = |x|</summary>
    public static void Abs(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new AbsOp(), y, x);

    /// <summary>y = 1, -1 or +0 with the sign of x; a NaN stays</summary>
    public static void Sign(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SignOp(), y, x);

    /// <summary>y = x limited to [-limit, limit]; a NaN stays</summary>
    public static void ClipByValue(ForkJoinPool pool, ReadOnlySpan<float> x, float limit, Span<float> y) =>
        ElementwiseDriver.Run(pool, new ClipByValueOp(limit), y, x);

    private readonly struct AddOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Add(a, b);
    }

    private readonly struct SubtractOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Subtract(a, b);
    }

    private readonly struct MultiplyOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Multiply(a, b);
    }

    private readonly struct DivideOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Divide(a, b);
    }

    private readonly struct ScaleOp(float factor) : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Multiply(a, L.Create(factor));
    }

    private readonly struct AddScaledOp(float factor) : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Fma(b, L.Create(factor), a);
    }

    private readonly struct NegateOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Xor(a, L.CreateBits(int.MinValue));
    }

    private readonly struct SquareOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Multiply(a, a);
    }

    private readonly struct SqrtOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Sqrt(a);
    }

    private readonly struct AbsOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.And(a, L.CreateBits(int.MaxValue));
    }

    private readonly struct SignOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Formulas.Sign<L, V>(a);
    }

    private readonly struct ClipByValueOp(float limit) : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Formulas.Clip<L, V>(a, L.Create(limit));
    }
}
