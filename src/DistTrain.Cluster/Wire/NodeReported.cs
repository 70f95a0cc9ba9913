using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <summary>
/// Node to the singleton, once a second and whenever something changes: all there is to know of it, as one state. The first fields are
/// those of every version, so that another version can be refused with its name.
/// </summary>
internal sealed record NodeReported : IClusterMessage
{
    /// <summary>Unique address of the incarnation.</summary>
    public required string Node { get; init; }

    public required int WireVersion { get; init; }

    public required int NumericsVersion { get; init; }

    /// <summary>Counts this node's reports; a proof is of one of them.</summary>
    public required long Number { get; init; }

    /// <summary>That it knows the token, of <see cref="Node"/> and <see cref="Number"/>; empty: it has none.</summary>
    public required byte[] Proof { get; init; }

    /// <summary>Of its storage for runs; empty: it is no candidate for the singleton.</summary>
    public required string Storage { get; init; }

    public required bool HostsServers { get; init; }

    public required bool HostsWorkers { get; init; }

    /// <summary>It leaves: it gets no machines any more.</summary>
    public required bool IsLeaving { get; init; }

    /// <summary>Of its worker.</summary>
    public required int Threads { get; init; }

    /// <summary>Id of the process on its host.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The run it takes part in; empty: none.</summary>
    public string Run { get; init; } = "";

    /// <summary>Its number among the run's nodes.</summary>
    public int Lane { get; init; }

    /// <summary>Where its lanes listen; empty before it does.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The newest orders it follows.</summary>
    public OrderNumber Order { get; init; }

    /// <summary>Machines that live here.</summary>
    public IReadOnlyList<MachineId> Machines { get; init; } = [];

    /// <summary>Machines whose part is over; told until the orders do not list them any more.</summary>
    public IReadOnlyList<MachineEnd> Ended { get; init; } = [];

    public long BytesSent { get; init; }

    public long BytesReceived { get; init; }

    /// <summary>Where its worker's time went.</summary>
    public WorkerTimes Times { get; init; }
}

/// <summary>Why a machine's part is over.</summary>
/// <param name="Machine">Which.</param>
/// <param name="Kind">How.</param>
/// <param name="Reason">For people.</param>
internal sealed record MachineEnd(MachineId Machine, MachineEndKind Kind, string Reason);

internal enum MachineEndKind
{
    /// <summary>In order: the run is over, or it asked to leave.</summary>
    Left = 0,

    /// <summary>The coordinator had taken it for lost: another one may take its place here.</summary>
    TakenForLost = 1,

    /// <summary>Refused for good: other data, or it computes wrong.</summary>
    Refused = 2,

    /// <summary>It threw: another one takes its place, after a while.</summary>
    Crashed = 3,

    /// <summary>Its node lacks something that the job names.</summary>
    Unfit = 4,
}

/// <summary>Orders of all singletons, in the order in which they count.</summary>
/// <param name="Authority">Which singleton, from 1.</param>
/// <param name="Number">Which of its orders.</param>
internal readonly record struct OrderNumber(long Authority, long Number) : IComparable<OrderNumber>
{
    public int CompareTo(OrderNumber other) => Authority != other.Authority ? Authority.CompareTo(other.Authority) : Number.CompareTo(other.Number);
}
