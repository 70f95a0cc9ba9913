namespace DistTrain.Protocol;

/// <summary>Where a coordinator begins: a new run at version 0, or a checkpoint's version with the totals of its pass so far.</summary>
public sealed record RunStart(WeightVersion Version, PassTotals Totals)
{
    public static RunStart New => new(new WeightVersion(0), PassTotals.Empty(0));
}
