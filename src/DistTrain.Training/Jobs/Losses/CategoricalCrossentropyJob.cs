using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Cross-entropy of shares of classes (one-hot, mixed), with softmax.</summary>
[JobChoice("categoricalCrossentropy", "Cross-entropy of shares of classes (one-hot, mixed), with softmax.")]
public sealed record CategoricalCrossentropyJob : LossJob
{
    [JobKey(LabelSmoothingDoc, Min = 0, Max = 1, BelowMax = true)]
    public double LabelSmoothing { get; init; }

    public override Loss ToLoss() => new CategoricalCrossentropy((float)LabelSmoothing);
}
