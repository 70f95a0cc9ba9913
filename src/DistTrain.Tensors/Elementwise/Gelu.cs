using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>Gaussian error linear unit, exact form (Hendrycks and Gimpel, 2016), Keras' and PyTorch's default.</content>
public static partial class Elementwise
{
    /// <summary>y = (x/2) · (1 + erf(x/√2))</summary>
    public static void Gelu(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y) =>
        ElementwiseDriver.Run(pool, new GeluOp(), y, x);

    /// <summary>dx = dy · (½ (1 + erf(x/√2)) + x · exp(-x²/2) / √(2π))</summary>
    public static void GeluBackward(ForkJoinPool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dx) =>
        ElementwiseDriver.Run(pool, new GeluBackwardOp(), dx, x, dy);

    private readonly struct GeluOp : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct =>
            L.Multiply(L.Multiply(a, L.Create(0.5f)), L.Add(L.Create(1f), Functions<L, V>.Erf(L.Multiply(a, L.Create(0.707106781f)))));
    }

    private readonly struct GeluBackwardOp : IElementwise
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct
        {
            V below = L.Fma(L.Create(0.5f), Functions<L, V>.Erf(L.Multiply(a, L.Create(0.707106781f))), L.Create(0.5f));
            V density = Functions<L, V>.ExpBelow89(L.Multiply(L.Multiply(a, a), L.Create(-0.5f)));
            return L.Multiply(b, L.Fma(L.Multiply(a, L.Create(0.398942280f)), density, below));
        }
    }
}
