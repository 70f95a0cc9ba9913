using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Elementwise sum of two or more inputs of one shape.</summary>
[JobChoice("Add", "Elementwise sum of two or more inputs of one shape.")]
public sealed record AddJob : LayerJob
{
    public override Op ToOp() => new Add();
}
