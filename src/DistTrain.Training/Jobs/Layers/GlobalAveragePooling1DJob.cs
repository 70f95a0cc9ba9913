using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The mean of each feature over the positions of a sequence.</summary>
[JobChoice("GlobalAveragePooling1D", "The mean of each feature over the positions of a sequence that are there.")]
public sealed record GlobalAveragePooling1DJob : LayerJob
{
    public override Op ToOp() => new GlobalAveragePooling1D();
}
