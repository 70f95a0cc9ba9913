using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Cross-entropy of a class given by its number, with softmax.</summary>
[JobChoice("sparseCategoricalCrossentropy", "Cross-entropy of a class given by its number, with softmax.")]
public sealed record SparseCategoricalCrossentropyJob : LossJob
{
    [JobKey(LabelSmoothingDoc, Min = 0, Max = 1, BelowMax = true)]
    public double LabelSmoothing { get; init; }

    [JobKey("Positions with this number as target are left out, such as padding.", Automatic = "none")]
    public int? IgnoreClass { get; init; }

    public override Loss ToLoss() => new SparseCategoricalCrossentropy((float)LabelSmoothing, IgnoreClass);
}
