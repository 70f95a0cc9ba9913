using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>y = (t - mean) / deviation on every target number; what a model says is y, what it means is y deviation + mean.</summary>
public sealed record TargetScaling
{
    /// <param name="mean">Finite.</param>
    /// <param name="deviation">Finite and above 0.</param>
    /// <exception cref="UserError">One of them isn't.</exception>
    public TargetScaling(float mean, float deviation)
    {
        if (!float.IsFinite(mean) || !float.IsFinite(deviation) || deviation <= 0)
        {
            throw new UserError(FormattableString.Invariant($"target scaling: mean {mean}, deviation {deviation}; allowed finite, deviation above 0"));
        }

        Mean = mean;
        Deviation = deviation;
    }

    public float Mean { get; }

    public float Deviation { get; }

    public float Apply(float target) => (target - Mean) / Deviation;

    public float Undo(float prediction) => (prediction * Deviation) + Mean;
}
