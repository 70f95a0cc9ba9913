using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Cross-entropy of yes and no, with sigmoid.</summary>
[JobChoice("binaryCrossentropy", "Cross-entropy of yes and no, with sigmoid.")]
public sealed record BinaryCrossentropyJob : LossJob
{
    [JobKey(LabelSmoothingDoc, Min = 0, Max = 1, BelowMax = true)]
    public double LabelSmoothing { get; init; }

    public override Loss ToLoss() => new BinaryCrossentropy((float)LabelSmoothing);
}
