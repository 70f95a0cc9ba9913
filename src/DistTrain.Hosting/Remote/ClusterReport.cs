namespace DistTrain.Hosting;

/// <summary>A cluster and its run, for people: what its singleton said a moment ago.</summary>
public sealed record ClusterReport
{
    /// <summary>Address of the node that hosts the singleton; null: none is heard of.</summary>
    public string? Singleton { get; init; }

    public required IReadOnlyList<ClusterMember> Members { get; init; }

    /// <summary>Folder of the live run, or of the last one; null: none since the singleton began.</summary>
    public string? Run { get; init; }

    /// <summary>Null like <see cref="Run"/>.</summary>
    public ClusterRunState? State { get; init; }

    /// <summary>Why the run failed, for people.</summary>
    public string? Failure { get; init; }

    /// <summary>How the live run goes.</summary>
    public RunReport? Report { get; init; }
}
