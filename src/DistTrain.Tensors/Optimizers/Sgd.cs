using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>w = fma(-rate, g, w). Default rate: PyTorch's.</summary>
public sealed class Sgd : IUpdateRule
{
    private readonly GradientTerms terms;

    /// <param name="l2">Factor of the weight in the gradient, 0 or more.</param>
    /// <param name="clipValue">The averaged gradient is limited to ±clipValue; above 0.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient, 0 or more.</param>
    public Sgd(float l2 = 0, float clipValue = float.PositiveInfinity, float l1 = 0)
    {
        terms = new GradientTerms(l2, clipValue, l1);
    }

    public string Name => "sgd";

    public IReadOnlyList<string> SlotNames { get; } = [];

    public float DefaultLearningRate => 1e-3f;

    public void Update(
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        var coefficients = new UpdateCoefficients<float> { NegativeRate = -step.LearningRate };
        UpdateDriver.Run<Kernel>(coefficients, step.GradientScale, terms, gradientSum, weightSum, weights, newWeights, slots, newSlots);
    }

    private readonly struct Kernel : IUpdateKernel
    {
        public static int Slots => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(in UpdateCoefficients<V> c, V weight, V gradient, ref V slot0, ref V slot1)
            where L : struct, ILane<V>
            where V : struct
        {
            return L.Fma(c.NegativeRate, gradient, weight);
        }
    }
}
