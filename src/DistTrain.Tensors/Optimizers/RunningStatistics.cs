using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>w = fma(momentum, w, [1 - momentum] s), s = sum / weight sum. No learning rate, clipping or L2 touches it.</summary>
public sealed class RunningStatistics : IUpdateRule
{
    private readonly float kept;
    private readonly float rest;

    /// <param name="momentum">What stays of the old value, 0 to below 1: Keras' momentum, 1 less PyTorch's.</param>
    public RunningStatistics(float momentum)
    {
        kept = (float)Hyperparameter.Fraction(nameof(momentum), momentum);
        rest = (float)(1 - (double)momentum);
    }

    public string Name => "runningStatistics";

    public IReadOnlyList<string> SlotNames { get; } = [];

    public float DefaultLearningRate => 1;

    public void Update(
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        var coefficients = new UpdateCoefficients<float> { Decay1 = kept, Rest1 = rest };
        UpdateDriver.Run<Kernel>(coefficients, 1, GradientTerms.None, gradientSum, weightSum, weights, newWeights, slots, newSlots);
    }

    private readonly struct Kernel : IUpdateKernel
    {
        public static int Slots => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(in UpdateCoefficients<V> c, V weight, V gradient, ref V slot0, ref V slot1)
            where L : struct, ILane<V>
            where V : struct => L.Fma(c.Decay1, weight, L.Multiply(c.Rest1, gradient));
    }
}
