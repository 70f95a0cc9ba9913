using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The same numbers under another shape.</summary>
[JobChoice("Reshape", "The same numbers under another shape.")]
public sealed record ReshapeJob : LayerJob
{
    [JobKey("Sizes of the dimensions, without the batch; their product is the input's.", Required = true, Min = 1, Max = int.MaxValue)]
    public IReadOnlyList<int> TargetShape { get; init; } = [];

    public override Op ToOp() => new Reshape(new Shape([.. TargetShape]));
}
