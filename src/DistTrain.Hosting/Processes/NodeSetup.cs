using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>All that the machines of a node have to know. Only workers open the job's data; coordinator and servers do without.</summary>
internal sealed record NodeSetup
{
    /// <summary>Machines that the node hosts, under numbers never used before in this run.</summary>
    public required IReadOnlyList<MachineId> Machines { get; init; }

    /// <summary>The job, canonical, paths absolute.</summary>
    public required string JobYaml { get; init; }

    /// <summary>The user's folder of data sets.</summary>
    public string? DataRoot { get; init; }

    public required RunPlan Run { get; init; }

    /// <summary>The parameters, in the order of the flat vector.</summary>
    public required IReadOnlyList<TensorLength> Tensors { get; init; }

    public required ProtocolOptions Options { get; init; }

    public required RunIdentity Identity { get; init; }

    /// <summary>Where the run began: running products are advanced from there.</summary>
    public required OptimizerState Optimizer { get; init; }

    /// <summary>For learning rates that depend on the run's length.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Threads of each worker.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether nobody else computes on this process's cores.</summary>
    public bool HasOwnCores { get; init; }

    /// <summary>Where a coordinator begins.</summary>
    public RunStart? Start { get; init; }

    /// <summary>Whether its spans are wanted.</summary>
    public bool HasTimeline { get; init; }

    /// <summary>Of a coordinator.</summary>
    public int Term { get; init; } = 1;
}
