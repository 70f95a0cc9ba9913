using System.Diagnostics;
using Akka.Actor;
using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <summary>A node that takes part in a run, as the run's host sees it.</summary>
internal sealed class RunNode
{
    // Read by lanes, on their threads.
    private readonly Lock gate = new();
    private readonly HashSet<MachineId> machines = [];

    /// <summary>Number of the node; never used twice in a run.</summary>
    public required int Lane { get; init; }

    /// <summary>For people: host and port.</summary>
    public required string Name { get; init; }

    public required IActorRef Actor { get; set; }

    /// <summary>To its servers' part in the store.</summary>
    public required HostChannel Channel { get; init; }

    /// <summary>Likewise.</summary>
    public required StoreAccess Store { get; init; }

    /// <summary>Answers what it asks of the data.</summary>
    public required DataFeed Feed { get; init; }

    /// <summary>How often its machines threw, and how long to wait.</summary>
    public required NodeSlot Slot { get; init; }

    /// <summary>Roles of which it gets no machine any more.</summary>
    public HashSet<MachineRole> Closed { get; } = [];

    public IReadOnlyList<string> Addresses { get; set; } = [];

    /// <summary>What it is to host, ascending.</summary>
    public IReadOnlyList<MachineId> Machines
    {
        get
        {
            lock (gate)
            {
                return [.. machines.Order()];
            }
        }
    }

    /// <summary>Its last two reports, newest last.</summary>
    public (long Timestamp, NodeReported Reported)? Before { get; private set; }

    public (long Timestamp, NodeReported Reported)? Newest { get; private set; }

    public bool Hosts(MachineId machine)
    {
        lock (gate)
        {
            return machines.Contains(machine);
        }
    }

    public void Add(MachineId machine)
    {
        lock (gate)
        {
            machines.Add(machine);
        }
    }

    public bool Remove(MachineId machine)
    {
        lock (gate)
        {
            return machines.Remove(machine);
        }
    }

    public void Take(NodeReported reported)
    {
        Before = Newest;
        Newest = (Stopwatch.GetTimestamp(), reported);
    }
}
