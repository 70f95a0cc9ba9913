using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Any shape to one row of numbers.</summary>
[JobChoice("Flatten", "Any shape to one row of numbers.")]
public sealed record FlattenJob : LayerJob
{
    public override Op ToOp() => new Flatten();
}
