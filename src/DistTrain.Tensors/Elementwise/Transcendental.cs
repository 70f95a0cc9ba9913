using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>The functions of <see cref="Mathematics"/> on spans.</content>
public static partial class Elementwise
{
    /// <summary>y = eˣ</summary>
    public static void Exp(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new ExpOp(), y, x);

    /// <summary>y = ln x</summary>
    public static void Log(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new LogOp(), y, x);

    /// <summary>y = ln(1 + x)</summary>
    public static void Log1p(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new Log1pOp(), y, x);

    /// <summary>y = sin x</summary>
    public static void Sin(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new SinOp(), y, x);

    /// <summary>y = cos x</summary>
    public static void Cos(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new CosOp(), y, x);

    /// <summary>y = erf x</summary>
    public static void Erf(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new ErfOp(), y, x);

    private readonly struct ExpOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Exp(a);
    }

    private readonly struct LogOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Log(a);
    }

    private readonly struct Log1pOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Log1p(a);
    }

    private readonly struct SinOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Sin(a);
    }

    private readonly struct CosOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Cos(a);
    }

    private readonly struct ErfOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => Functions<L, V>.Erf(a);
    }
}
