namespace DistTrain.Protocol;

/// <summary>What is committed, as the coordinator tells servers with every order: a successor continues from the newest one they know.</summary>
/// <param name="Committed">Every step before this one is committed.</param>
/// <param name="Totals">Of the pass that step is in.</param>
/// <param name="CommittedSamples">Samples of committed steps since the run started.</param>
/// <param name="DroppedSamples">Samples computed again or delivered twice, in run epochs that have ended.</param>
/// <param name="Stopping">Somebody asked the run to stop.</param>
/// <param name="Steering">What measurements have decided; null when the job monitors nothing.</param>
public sealed record RunProgress(
    StepNumber Committed, PassTotals Totals, long CommittedSamples, long DroppedSamples, bool Stopping, SteeringProgress? Steering)
{
    /// <summary>Run epoch in which it was told: what is counted may begin further back than in the one before.</summary>
    public RunEpoch Epoch { get; init; }

    /// <summary>Ranges of committed steps that two workers computed, with equal sums.</summary>
    public long AuditedRanges { get; init; }

    /// <summary>Numbers of workers that compute wrong.</summary>
    public IReadOnlyList<int> Wrong { get; init; } = [];
}
