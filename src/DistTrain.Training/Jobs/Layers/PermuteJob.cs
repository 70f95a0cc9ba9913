using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The dimensions in another order.</summary>
[JobChoice("Permute", "The dimensions in another order.")]
public sealed record PermuteJob : LayerJob
{
    [JobKey("For each dimension of the output, which one of the input it is, from 1; without the batch.", Required = true, Min = 1, Max = 8)]
    public IReadOnlyList<int> Dims { get; init; } = [];

    public override Op ToOp() => new Permute([.. Dims]);
}
