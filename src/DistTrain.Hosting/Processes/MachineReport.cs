namespace DistTrain.Hosting;

/// <summary>A server or worker of the run.</summary>
public sealed record MachineReport
{
    public required string Machine { get; init; }

    /// <summary>server or worker.</summary>
    public required string Role { get; init; }

    /// <summary>Of its process; null: it is not there any more.</summary>
    public int? Node { get; init; }

    /// <summary>A worker: its first step not yet accepted. A server: the version all its blocks have.</summary>
    public required long At { get; init; }

    /// <summary>First slice and number of slices of each of a worker's ranges.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Ranges { get; init; }

    /// <summary>Suspected or silent: others compute its ranges too.</summary>
    public required bool IsDoubtful { get; init; }

    /// <summary>Milliseconds of a step that a worker waited for blocks, lately; null: not measured.</summary>
    public double? WaitMilliseconds { get; init; }

    public double? ComputeMilliseconds { get; init; }

    /// <summary>Handing over gradients; updates of servers on the same core included.</summary>
    public double? PushMilliseconds { get; init; }
}
