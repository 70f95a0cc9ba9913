using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>Where a coordinator begins: a new run at version 0, or a checkpoint's version with the totals of its pass so far.</summary>
/// <param name="Version">Of the weights.</param>
/// <param name="Totals">Of its pass so far.</param>
/// <param name="Steering">Before the version was measured; null: as at the beginning of a run.</param>
public sealed record RunStart(WeightVersion Version, PassTotals Totals, SteeringState? Steering = null)
{
    public static RunStart New => new(new WeightVersion(0), PassTotals.Empty(0));
}
