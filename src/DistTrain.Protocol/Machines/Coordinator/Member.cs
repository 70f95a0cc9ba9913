namespace DistTrain.Protocol;

/// <summary>What the coordinator knows of a machine that joined.</summary>
internal sealed class Member(long tick)
{
    /// <summary>When it was last heard of.</summary>
    public long HeardTick { get; set; } = tick;

    /// <summary>When orders were last sent to it.</summary>
    public long OrderedTick { get; set; } = tick;

    /// <summary>Highest order it has seen.</summary>
    public long OrderSeen { get; set; } = -1;

    /// <summary>A worker: first step with a push not known to be accepted.</summary>
    public StepNumber Accepted { get; set; }

    /// <summary>A worker: when <see cref="Accepted"/> last moved.</summary>
    public long AcceptedTick { get; set; } = tick;

    /// <summary>A worker: how fast it computes.</summary>
    public WorkerPace Pace { get; } = new();

    /// <summary>A worker: its host's lane is broken, says the coordinator's host.</summary>
    public bool IsSuspected { get; set; }

    /// <summary>A worker: not heard of for so long that it is treated as suspected.</summary>
    public bool IsSilent { get; set; }

    /// <summary>A worker that gets no ranges until it is heard of again.</summary>
    public bool IsDoubtful => IsSuspected || IsSilent;

    /// <summary>A worker: in steps before this one others compute its ranges too.</summary>
    public StepNumber BackedUntil { get; set; }

    /// <summary>A worker without ranges: the step in which it was last given a slice to be measured by.</summary>
    public StepNumber ProbedAt { get; set; }

    /// <summary>A server: all its blocks have this version; -1 before it reported in this run epoch.</summary>
    public WeightVersion Applied { get; set; } = new(-1);

    /// <summary>It asked to leave.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>The order that told it to stop; null while it is needed.</summary>
    public long? Dismissed { get; set; }

    /// <summary>A server: the newest report heard, by its count.</summary>
    public long ReportNumber { get; set; } = -1;

    /// <summary>A server: audited ranges whose values differ, as of that report.</summary>
    public IReadOnlyList<AuditFinding> Disputes { get; set; } = [];

    /// <summary>A server: samples it has dropped in this run epoch.</summary>
    public long DroppedSamples { get; set; }
}
