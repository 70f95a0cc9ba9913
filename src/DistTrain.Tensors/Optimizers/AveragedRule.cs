namespace DistTrain.Tensors;

/// <summary>
/// Another rule, and behind its slots one more: the running average a of the weights it gives, a = fma(decay, a, (1 - decay) · w), from
/// the first weights on (Polyak averaging; Keras' use_ema). The rule itself doesn't look at it.
/// </summary>
public sealed class AveragedRule : IUpdateRule
{
    private readonly IUpdateRule rule;
    private readonly float decay;
    private readonly float rest;

    /// <param name="rule">Makes the weights.</param>
    /// <param name="decay">Share of the average that is kept, in [0, 1).</param>
    public AveragedRule(IUpdateRule rule, double decay)
    {
        ArgumentNullException.ThrowIfNull(rule);
        this.rule = rule;
        this.decay = (float)Hyperparameter.Fraction(nameof(decay), decay);
        rest = (float)(1 - decay);
        SlotNames = [.. rule.SlotNames, "average"];
    }

    public string Name => rule.Name;

    public IReadOnlyList<string> SlotNames { get; }

    public float DefaultLearningRate => rule.DefaultLearningRate;

    public double Beta1 => rule.Beta1;

    public double Beta2 => rule.Beta2;

    public double Beta1At(long step) => rule.Beta1At(step);

    public void Update(
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        int n = weights.Length, own = n * rule.SlotCount;
        Span<float> averages = newSlots[own..];

        // Before the rule: the new weights may take the place of the old.
        (step.Step == 0 ? weights : slots[own..]).CopyTo(averages);
        rule.Update(step, gradientSum, weightSum, weights, newWeights, slots[..own], newSlots[..own]);
        for (int i = 0; i < n; i++)
        {
            float average = MathF.FusedMultiplyAdd(decay, averages[i], rest * newWeights[i]);
            averages[i] = MathF.Abs(average) < 1.17549435e-38f ? 0f : average;
        }
    }
}
