using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// Adam with Nesterov's momentum: m and v as <see cref="Adam"/>; u(t) = beta1 (1 - ½ 0.96^(0.004 t)), U the product of u(1) to u(t);
/// r = fma(√v, 1 / √(1 - beta2ᵗ), epsilon); w = fma(-rate (1 - u(t)) / (1 - U), g / r, w); w = fma(-rate u(t+1) / (1 - U u(t+1)), m / r, w)
/// (Dozat, "Incorporating Nesterov Momentum into Adam", 2016).
/// </summary>
/// <remarks>The form of PyTorch from 2.0 on (1.13 multiplied u(t) twice into the second coefficient) and its defaults: rate 0.002, betas 0.9 and 0.999, epsilon 1e-8 (Keras: 0.001, 1e-7). Coefficients are formed in double.</remarks>
public sealed class NAdam : IUpdateRule
{
    private const double MomentumDecay = 0.004;

    private static readonly double LogOfBase = Mathematics.Log(0.96);

    private readonly double beta1;
    private readonly double beta2;
    private readonly double epsilon;
    private readonly GradientTerms terms;

    /// <param name="beta1">Share of the mean that is kept, in [0, 1).</param>
    /// <param name="beta2">Share of the mean square that is kept, in [0, 1).</param>
    /// <param name="epsilon">Added to the root; above 0.</param>
    /// <param name="l2">Factor of the weight in the gradient, 0 or more.</param>
    /// <param name="clipValue">The averaged gradient is limited to ±clipValue; above 0.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient, 0 or more.</param>
    public NAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, float l2 = 0, float clipValue = float.PositiveInfinity, float l1 = 0)
    {
        this.beta1 = Hyperparameter.Fraction(nameof(beta1), beta1);
        this.beta2 = Hyperparameter.Fraction(nameof(beta2), beta2);
        this.epsilon = Hyperparameter.Positive(nameof(epsilon), epsilon);
        terms = new GradientTerms(l2, clipValue, l1);
    }

    public string Name => "nadam";

    public IReadOnlyList<string> SlotNames { get; } = ["mean", "square"];

    public float DefaultLearningRate => 2e-3f;

    public double Beta1 => beta1;

    public double Beta2 => beta2;

    /// <summary>u(step + 1).</summary>
    public double Beta1At(long step) => beta1 * (1 - (0.5 * Mathematics.Exp(LogOfBase * (MomentumDecay * (step + 1)))));

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
        double now = Beta1At(step.Step), next = Beta1At(step.Step + 1);
        coefficients.NegativeRate = (float)(-step.LearningRate * (1 - now) / (1 - step.Beta1Power));
        coefficients.NegativeMeanRate = (float)(-step.LearningRate * next / (1 - (step.Beta1Power * next)));
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
            slot0 = L.Fma(c.Decay1, slot0, L.Multiply(c.Rest1, gradient));
            slot1 = L.Fma(c.Decay2, slot1, L.Multiply(c.Rest2, L.Multiply(gradient, gradient)));
            V root = L.Fma(L.Sqrt(slot1), c.RootFactor, c.Epsilon);
            weight = L.Fma(c.NegativeRate, L.Divide(gradient, root), weight);
            return L.Fma(c.NegativeMeanRate, L.Divide(slot0, root), weight);
        }
    }
}
