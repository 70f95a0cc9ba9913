using System.Diagnostics;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A node of the run as its launcher sees it, from its start to its end.</summary>
internal sealed class LaunchedNode(int number, NodeSlot slot, IReadOnlyList<MachineId> machines)
{
    /// <summary>Never used twice in a run.</summary>
    public int Number { get; } = number;

    public NodeSlot Slot { get; } = slot;

    public IReadOnlyList<MachineId> Machines { get; } = machines;

    /// <summary>Machines whose part is over, by their own word.</summary>
    public HashSet<MachineId> Left { get; } = [];

    /// <summary>Nobody takes its place.</summary>
    public bool IsGivenUp { get; set; }

    public bool WasTakenForLost { get; set; }

    /// <summary>The store as its servers use it.</summary>
    public StoreAccess Store { get; init; } = null!;

    public HostChannel Channel { get; set; } = null!;

    /// <summary>Answers what it asks of the data.</summary>
    public DataFeed Feed { get; set; } = null!;

    /// <summary>Ticks of the launcher without a lane to it; counted for nodes that were started elsewhere.</summary>
    public int TicksUnheard { get; set; }

    /// <summary>Null until it was started, and for nodes that were started elsewhere.</summary>
    public ChildProcess? Process { get; set; }

    /// <summary>As the node said; 0 before.</summary>
    public int ProcessId { get; set; }

    public IReadOnlyList<string> Addresses { get; set; } = [];

    /// <summary>Set up: others may connect.</summary>
    public bool IsReady { get; set; }

    public void Take(NodeMeasured measured)
    {
        Before = Newest;
        Newest = (Stopwatch.GetTimestamp(), measured);
    }

    /// <summary>Why it failed, as it said itself.</summary>
    public NodeFailed? Failure { get; set; }

    /// <summary>Its last two measurements, newest last.</summary>
    public (long Timestamp, NodeMeasured Measured)? Before { get; private set; }

    public (long Timestamp, NodeMeasured Measured)? Newest { get; private set; }

    public bool HostsCoordinator => Machines.Contains(MachineId.Coordinator);
}
