using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// s = fma(rho, s, (1 - rho) · g²); w = fma(-rate, g / (√s + epsilon), w) (Hinton, "Neural Networks for Machine Learning", lecture 6e,
/// 2012).
/// </summary>
/// <remarks>PyTorch's defaults: rate 0.01, rho 0.99 (there: alpha), epsilon 1e-8 (Keras: 0.001, 0.9, 1e-7 inside the root).</remarks>
public sealed class RmsProp : IUpdateRule
{
    private readonly double rho;
    private readonly double epsilon;
    private readonly GradientTerms terms;

    /// <param name="rho">Share of the mean square that is kept, in [0, 1).</param>
    /// <param name="epsilon">Added to the root; above 0.</param>
    /// <param name="l2">Factor of the weight in the gradient, 0 or more.</param>
    /// <param name="clipValue">The averaged gradient is limited to ±clipValue; above 0.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient, 0 or more.</param>
    public RmsProp(double rho = 0.99, double epsilon = 1e-8, float l2 = 0, float clipValue = float.PositiveInfinity, float l1 = 0)
    {
        this.rho = Hyperparameter.Fraction(nameof(rho), rho);
        this.epsilon = Hyperparameter.Positive(nameof(epsilon), epsilon);
        terms = new GradientTerms(l2, clipValue, l1);
    }

    public string Name => "rmsprop";

    public IReadOnlyList<string> SlotNames { get; } = ["square"];

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
        var coefficients = new UpdateCoefficients<float>
        {
            NegativeRate = -step.LearningRate,
            Decay1 = (float)rho,
            Rest1 = (float)(1 - rho),
            Epsilon = (float)epsilon,
        };
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
            slot0 = L.Fma(c.Decay1, slot0, L.Multiply(c.Rest1, L.Multiply(gradient, gradient)));
            V root = L.Add(L.Sqrt(slot0), c.Epsilon);
            return L.Fma(c.NegativeRate, L.Divide(gradient, root), weight);
        }
    }
}
