namespace DistTrain.Hosting;

/// <summary>A live run, for people: what its coordinator said a second ago, and what its processes measured.</summary>
public sealed record RunReport
{
    /// <summary>gathering, running or ended; starting before a coordinator has said anything.</summary>
    public required string Phase { get; init; }

    public required int RunEpoch { get; init; }

    /// <summary>Steps that are committed.</summary>
    public required long Step { get; init; }

    public required long TotalSteps { get; init; }

    /// <summary>Samples committed by this run.</summary>
    public required long Samples { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Where others can join; null: nowhere.</summary>
    public string? Listen { get; init; }

    public required IReadOnlyList<NodeReport> Nodes { get; init; }

    public required IReadOnlyList<MachineReport> Machines { get; init; }
}
