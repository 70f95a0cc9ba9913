using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// s = fma(g, g, s); w = fma(-rate, g / (√s + epsilon), w) (Duchi, Hazan, Singer, "Adaptive Subgradient Methods", 2011).
/// </summary>
/// <remarks>PyTorch's defaults: rate 0.01, epsilon 1e-10, sums start at 0 (Keras: 0.001, 1e-7 inside the root, 0.1).</remarks>
public sealed class AdaGrad : IUpdateRule
{
    private readonly double epsilon;
    private readonly GradientTerms terms;

    /// <param name="epsilon">Added to the root; above 0.</param>
    /// <param name="l2">Factor of the weight in the gradient, 0 or more.</param>
    /// <param name="clipValue">The averaged gradient is limited to ±clipValue; above 0.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient, 0 or more.</param>
    public AdaGrad(double epsilon = 1e-10, float l2 = 0, float clipValue = float.PositiveInfinity, float l1 = 0)
    {
        this.epsilon = Hyperparameter.Positive(nameof(epsilon), epsilon);
        terms = new GradientTerms(l2, clipValue, l1);
    }

    public string Name => "adagrad";

    public IReadOnlyList<string> SlotNames { get; } = ["sum"];

    public float DefaultLearningRate => 1e-2f;

    public void Update(
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        var coefficients = new UpdateCoefficients<float> { NegativeRate = -step.LearningRate, Epsilon = (float)epsilon };
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
            slot0 = L.Fma(gradient, gradient, slot0);
            V root = L.Add(L.Sqrt(slot0), c.Epsilon);
            return L.Fma(c.NegativeRate, L.Divide(gradient, root), weight);
        }
    }
}
