using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// s = fma(rho, s, (1 - rho) · g²); d = (√(a + epsilon) / √(s + epsilon)) · g; a = fma(rho, a, (1 - rho) · d²); w = fma(-rate, d, w)
/// (Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012).
/// </summary>
/// <remarks>PyTorch's defaults: rate 1, rho 0.9, epsilon 1e-6 (Keras: 0.001, 0.95, 1e-7).</remarks>
public sealed class AdaDelta : IUpdateRule
{
    private readonly double rho;
    private readonly double epsilon;
    private readonly GradientTerms terms;

    /// <param name="rho">Share of the mean squares that is kept, in [0, 1).</param>
    /// <param name="epsilon">Added within the roots; above 0.</param>
    /// <param name="l2">Factor of the weight in the gradient, 0 or more.</param>
    /// <param name="clipValue">The averaged gradient is limited to ±clipValue; above 0.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient, 0 or more.</param>
    public AdaDelta(double rho = 0.9, double epsilon = 1e-6, float l2 = 0, float clipValue = float.PositiveInfinity, float l1 = 0)
    {
        this.rho = Hyperparameter.Fraction(nameof(rho), rho);
        this.epsilon = Hyperparameter.Positive(nameof(epsilon), epsilon);
        terms = new GradientTerms(l2, clipValue, l1);
    }

    public string Name => "adadelta";

    public IReadOnlyList<string> SlotNames { get; } = ["square", "change"];

    public float DefaultLearningRate => 1f;

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
        public static int Slots => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(in UpdateCoefficients<V> c, V weight, V gradient, ref V slot0, ref V slot1)
            where L : struct, ILane<V>
            where V : struct
        {
            slot0 = L.Fma(c.Decay1, slot0, L.Multiply(c.Rest1, L.Multiply(gradient, gradient)));
            V change = L.Multiply(L.Divide(L.Sqrt(L.Add(slot1, c.Epsilon)), L.Sqrt(L.Add(slot0, c.Epsilon))), gradient);
            slot1 = L.Fma(c.Decay1, slot1, L.Multiply(c.Rest1, L.Multiply(change, change)));
            return L.Fma(c.NegativeRate, change, weight);
        }
    }
}
