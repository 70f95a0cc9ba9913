using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// v = fma(momentum, v, g); w = fma(-rate, fma(momentum, v, g), w) (Sutskever et al., "On the importance of initialization and
/// momentum in deep learning", 2013, section 2).
/// </summary>
/// <remarks>PyTorch's form and rate (SGD with nesterov=True).</remarks>
public sealed class Nesterov : IUpdateRule
{
    private readonly double momentum;
    private readonly GradientTerms terms;

    /// <param name="momentum">Share of the velocity that is kept, in [0, 1).</param>
    /// <param name="l2">Factor of the weight in the gradient, 0 or more.</param>
    /// <param name="clipValue">The averaged gradient is limited to ±clipValue; above 0.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient, 0 or more.</param>
    public Nesterov(double momentum = 0.9, float l2 = 0, float clipValue = float.PositiveInfinity, float l1 = 0)
    {
        this.momentum = Hyperparameter.Fraction(nameof(momentum), momentum);
        terms = new GradientTerms(l2, clipValue, l1);
    }

    public string Name => "nesterov";

    public IReadOnlyList<string> SlotNames { get; } = ["velocity"];

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
        var coefficients = new UpdateCoefficients<float> { NegativeRate = -step.LearningRate, Decay1 = (float)momentum };
        UpdateDriver.Run<Kernel>(coefficients, step.GradientScale, terms, gradientSum, weightSum, weights, newWeights, slots, newSlots);
    }

    private readonly struct Kernel : IUpdateKernel
    {
        public static int Slots => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(in UpdateCoefficients<V> c, V weight, V gradient, ref V slot0, ref V slot1)
            where L : struct, ILane<V>
            where V : struct
        {
            slot0 = L.Fma(c.Decay1, slot0, gradient);
            V ahead = L.Fma(c.Decay1, slot0, gradient);
            return L.Fma(c.NegativeRate, ahead, weight);
        }
    }
}
