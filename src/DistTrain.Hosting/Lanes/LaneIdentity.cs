using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>What a node says of itself when a lane begins.</summary>
/// <param name="Node">Its name: one incarnation of one process; never used again in the run. At most <see cref="NodeCharactersMax"/> printable ASCII characters.</param>
/// <param name="WireVersion">Of messages.</param>
/// <param name="NumericsVersion">Of docs/numerics.md.</param>
/// <param name="JobHash">Null: the node knows no job (yet); no messages between machines then, only bytes of the host.</param>
/// <param name="DataFingerprint">Null: it has no data (yet); likewise.</param>
/// <param name="Machines">Those it hosts now.</param>
/// <param name="Address">Where it listens itself, for others to dial; null: nowhere.</param>
public sealed record LaneIdentity(
    string Node, int WireVersion, int NumericsVersion, string? JobHash, string? DataFingerprint, IReadOnlyList<MachineId> Machines, string? Address)
{
    public const int NodeCharactersMax = 64;

    /// <summary>Whether machines may talk over its lanes.</summary>
    public bool KnowsRun => JobHash is not null && DataFingerprint is not null;

    /// <summary>Of a node that takes part in a run.</summary>
    public static LaneIdentity Of(string node, RunIdentity run, IReadOnlyList<MachineId> machines, string? address = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new LaneIdentity(node, run.WireVersion, run.NumericsVersion, run.JobHash, run.DataFingerprint, machines, address);
    }

    /// <summary>Of a node that knows no run yet, or only asks (status, stop).</summary>
    public static LaneIdentity Guest(string node) =>
        new(node, ProtocolLimits.WireVersion, Numerics.Version, null, null, [], null);

    /// <summary>Why this node does not talk to the other; null: it does.</summary>
    internal LaneRefusal? Check(LaneIdentity other) =>
        WireVersion != other.WireVersion
            ? new LaneRefusal(LaneRefusalReason.WireVersion, $"{Node} has wire version {WireVersion}, {other.Node} has {other.WireVersion}; the same build is needed")
        : NumericsVersion != other.NumericsVersion
            ? new LaneRefusal(LaneRefusalReason.NumericsVersion, $"{Node} has numerics version {NumericsVersion}, {other.Node} has {other.NumericsVersion}; the same build is needed")
        : JobHash is not null && other.JobHash is not null && JobHash != other.JobHash
            ? new LaneRefusal(LaneRefusalReason.Job, $"{Node} has job {JobHash}, {other.Node} has {other.JobHash}")
        : DataFingerprint is not null && other.DataFingerprint is not null && DataFingerprint != other.DataFingerprint
            ? new LaneRefusal(LaneRefusalReason.Data, $"{Node} has data {DataFingerprint}, {other.Node} has {other.DataFingerprint}")
        : Node == other.Node
            ? new LaneRefusal(LaneRefusalReason.Node, $"both ends are called {Node}")
        : null;
}
