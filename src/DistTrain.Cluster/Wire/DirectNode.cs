using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <summary>Singleton to node: all the node has to do, as one state. The highest order counts; said again until a report shows that it was seen.</summary>
internal sealed record DirectNode : IClusterMessage
{
    public required OrderNumber Order { get; init; }

    /// <summary>The run; empty: none, what the node has of one it lets go.</summary>
    public required string Run { get; init; }

    /// <summary>The node's number among the run's nodes; never used twice in a run.</summary>
    public int Lane { get; init; }

    /// <summary>Machines the node hosts: it starts those that it does not have, and ends those that are not listed.</summary>
    public IReadOnlyList<MachineId> Machines { get; init; } = [];

    /// <summary>What machines have to know; null without a run. Its machines are not those of one node.</summary>
    public NodeSetup? Setup { get; init; }

    /// <summary>Number of the singleton's node.</summary>
    public int Store { get; init; }

    /// <summary>Path of the coordinator's actor.</summary>
    public string Coordinator { get; init; } = "";

    /// <summary>Every node of the run that can be reached, the singleton's included.</summary>
    public IReadOnlyList<NodeEntry> Directory { get; init; } = [];
}
