using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// <see cref="Adam"/> on (1 - rate · weightDecay) · w: the decay isn't part of the gradient (Loshchilov and Hutter, "Decoupled Weight
/// Decay Regularization", 2019).
/// </summary>
/// <remarks>PyTorch's defaults: as Adam, weightDecay 0.01 (Keras: 0.004). The factor is formed in double.</remarks>
public sealed class AdamW : IUpdateRule
{
    private readonly double beta1;
    private readonly double beta2;
    private readonly double epsilon;
    private readonly double weightDecay;
    private readonly GradientTerms terms;

    /// <param name="beta1">Share of the mean that is kept, in [0, 1).</param>
    /// <param name="beta2">Share of the mean square that is kept, in [0, 1).</param>
    /// <param name="epsilon">Added to the root; above 0.</param>
    /// <param name="weightDecay">Decay a step as a multiple of the learning rate; 0 or more.</param>
    /// <param name="l2">Factor of the weight in the gradient, 0 or more.</param>
    /// <param name="clipValue">The averaged gradient is limited to ±clipValue; above 0.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient, 0 or more.</param>
    public AdamW(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01, float l2 = 0, float clipValue = float.PositiveInfinity, float l1 = 0)
    {
        this.beta1 = Hyperparameter.Fraction(nameof(beta1), beta1);
        this.beta2 = Hyperparameter.Fraction(nameof(beta2), beta2);
        this.epsilon = Hyperparameter.Positive(nameof(epsilon), epsilon);
        this.weightDecay = Hyperparameter.NotNegative(nameof(weightDecay), weightDecay);
        terms = new GradientTerms(l2, clipValue, l1);
    }

    public string Name => "adamW";

    public IReadOnlyList<string> SlotNames { get; } = ["mean", "square"];

    public float DefaultLearningRate => 1e-3f;

    public double Beta1 => beta1;

    public double Beta2 => beta2;

    public void Update(
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        UpdateCoefficients<float> coefficients = AdamFormula.Coefficients(step, beta1, beta2, epsilon);
        coefficients.Kept = (float)(1 - ((double)step.LearningRate * weightDecay));
        UpdateDriver.Run<Kernel>(coefficients, step.GradientScale, terms, gradientSum, weightSum, weights, newWeights, slots, newSlots);
    }

    private readonly struct Kernel : IUpdateKernel
    {
        public static int Slots => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(in UpdateCoefficients<V> c, V weight, V gradient, ref V slot0, ref V slot1)
            where L : struct, ILane<V>
            where V : struct
        {
            weight = L.Multiply(c.Kept, weight);
            return AdamFormula.Apply<L, V>(c, weight, gradient, ref slot0, ref slot1);
        }
    }
}
