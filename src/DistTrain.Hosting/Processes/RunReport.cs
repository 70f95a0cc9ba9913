using DistTrain.Protocol;

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

    public required IReadOnlyList<NodeReport> Nodes { get; init; }

    public required IReadOnlyList<MachineReport> Machines { get; init; }
}

/// <summary>A process of the run.</summary>
public sealed record NodeReport
{
    public required int Node { get; init; }

    /// <summary>Id on its host.</summary>
    public required int ProcessId { get; init; }

    /// <summary>"coordinator", "worker 0": the place it fills; what it hosts has other numbers once something was started again.</summary>
    public required string Name { get; init; }

    /// <summary>Over all lanes, since the measurement before; null before the second one.</summary>
    public double? BytesSentPerSecond { get; init; }

    public double? BytesReceivedPerSecond { get; init; }
}

/// <summary>A server or worker of the run.</summary>
public sealed record MachineReport
{
    public required string Machine { get; init; }

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
