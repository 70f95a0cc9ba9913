using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Elementwise product of two or more inputs of one shape.</summary>
[JobChoice("Multiply", "Elementwise product of two or more inputs of one shape.")]
public sealed record MultiplyJob : LayerJob
{
    public override Op ToOp() => new Multiply();
}
