using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>Where a coordinator begins: a new run at version 0, or a checkpoint's version with the totals of its pass so far.</summary>
/// <param name="Version">Every block can be loaded at this version.</param>
/// <param name="Totals">Of the pass that version stands in, as of that version.</param>
/// <param name="Steering">Before the version was measured; null: as at the beginning of a run.</param>
/// <param name="CommittedSamples">Of this run before that version; a successor's, when the run did not begin there.</param>
public sealed record RunStart(WeightVersion Version, PassTotals Totals, SteeringState? Steering = null, long CommittedSamples = 0)
{
    /// <summary>A valid checkpoint before this one, to begin with when this one turns out damaged; null when there is none.</summary>
    public RunStart? Earlier { get; init; }

    public static RunStart New => new(new WeightVersion(0), PassTotals.Empty(0));
}
