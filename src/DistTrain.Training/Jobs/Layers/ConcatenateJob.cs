using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Inputs side by side along the last axis.</summary>
[JobChoice("Concatenate", "Inputs side by side along the last axis.")]
public sealed record ConcatenateJob : LayerJob
{
    public override Op ToOp() => new Concatenate();
}
