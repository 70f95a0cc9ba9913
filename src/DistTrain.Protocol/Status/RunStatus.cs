namespace DistTrain.Protocol;

/// <summary>What a run is doing.</summary>
public enum RunPhase
{
    /// <summary>Between run epochs: waits for machines to join and for servers to tell what they have.</summary>
    Gathering = 0,

    /// <summary>Steps are taken.</summary>
    Running = 1,

    /// <summary>Over; members are told.</summary>
    Ended = 2,
}

/// <summary>One machine, as the coordinator knows it.</summary>
/// <param name="Member">Which.</param>
/// <param name="At">A worker: its first step not yet accepted. A server: the version all its blocks have.</param>
/// <param name="Ranges">A worker's ranges in the newest assignment; none for a spare.</param>
/// <param name="SilentTicks">Since its last message.</param>
public sealed record MemberStatus(MachineId Member, long At, IReadOnlyList<SliceRange> Ranges, long SilentTicks)
{
    /// <summary>Nanoseconds a worker computes for a sample, as ranges are balanced by; null before it was measured.</summary>
    public long? SampleNanoseconds { get; init; }

    /// <summary>A worker that is suspected or silent: its ranges are computed by others too.</summary>
    public bool IsDoubtful { get; init; }
}

/// <summary>A snapshot of a run for people and dashboards.</summary>
public sealed record RunStatus(
    RunPhase Phase,
    RunEpoch Epoch,
    WeightVersion Committed,
    WeightVersion Limit,
    WeightVersion End,
    PassTotals Totals,
    IReadOnlyList<MemberStatus> Members);
