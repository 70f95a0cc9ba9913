using System.Diagnostics;
using System.Text.Json.Serialization;
using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// What a node and the launcher say to each other beside what their machines say: effects and inputs that end or begin in the
/// launcher's store. <see cref="HostChannel"/> delivers each once and in order.
/// </summary>
internal abstract record HostMessage
{
    /// <summary>Bytes that travel beside the message's other fields; at most <see cref="HostCodec.BulkBytesMax"/>.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Bulk { get; init; }

    /// <summary>Whether the sender waits until this is acknowledged, which is then done at once.</summary>
    [JsonIgnore]
    public virtual bool IsAwaited => false;
}

/// <summary>Node: is there and can be reached; answered with <see cref="SetUpNode"/>.</summary>
internal sealed record NodeArrived(IReadOnlyList<string> Addresses, int ProcessId) : HostMessage;

/// <summary>Launcher: what the node hosts, and all that its machines have to know.</summary>
internal sealed record SetUpNode(NodeSetup Setup) : HostMessage;

/// <summary>Node: is set up, others may connect.</summary>
internal sealed record NodeReady : HostMessage;

/// <summary>Launcher: who lives where, as one state; the highest number counts.</summary>
internal sealed record DirectoryChanged(NodeDirectory Directory) : HostMessage;

/// <summary>Coordinator's node: a report for people.</summary>
internal sealed record EventHappened(RunEvent Event) : HostMessage
{
    /// <summary>What people must hear exactly once: <see cref="ReportFence"/>. Not what comes with every step or is told anew by a successor.</summary>
    [JsonIgnore]
    public override bool IsAwaited =>
        Event is PassCompleted or EvaluationCompleted or RunSteered or CheckpointDamaged or WorkerNamed or RunCompleted or RunFailed;
}

/// <summary>Coordinator's node: steps that were committed, in order, and when the last of them was: a <see cref="Stopwatch"/>'s timestamp, which all processes of a host share.</summary>
internal sealed record StepsCommitted(IReadOnlyList<StepCommitted> Steps, long Timestamp) : HostMessage
{
    /// <summary>Steps of one message: with 65 statistics each still well below <see cref="LaneOptions.HostBytesMax"/>.</summary>
    public const int StepsMax = 100;
}

/// <summary>Server's node: <see cref="LoadBlocks"/>, answered with the parts of each.</summary>
internal sealed record AskBlocks(MachineId Server, RunEpoch Epoch, WeightVersion Version, IReadOnlyList<BlockId> Blocks) : HostMessage;

/// <summary>Launcher: bulk is the part's floats, as <see cref="BlockParts"/> cuts a block.</summary>
internal sealed record StoredPart(MachineId Server, RunEpoch Epoch, WeightVersion Version, BlockId Block, int Offset) : HostMessage;

/// <summary>Launcher: the store can't read that version.</summary>
internal sealed record BlocksNotLoaded(MachineId Server, RunEpoch Epoch, WeightVersion Version, string Reason) : HostMessage;

/// <summary>Server's node: bulk is the part's floats; parts of a shard come in order.</summary>
internal sealed record ShardPart(MachineId Server, RunEpoch Epoch, WeightVersion Version, BlockId Block, int Offset) : HostMessage;

/// <summary>Server's node: the shard is complete; SHA-256 of all its parts in the order they were sent.</summary>
internal sealed record ShardSent(MachineId Server, RunEpoch Epoch, WeightVersion Version, int Blocks, string Sha256) : HostMessage;

/// <summary>Launcher: whether a shard is there.</summary>
internal sealed record ShardSettled(MachineId Server, RunEpoch Epoch, WeightVersion Version, string? Receipt, string? Failure) : HostMessage;

/// <summary>Coordinator's node: <see cref="CommitManifest"/>.</summary>
internal sealed record CommitCheckpoint(
    RunEpoch Epoch, WeightVersion Version, IReadOnlyList<ShardReceipt> Shards, PassTotals Totals, SteeringState Steering) : HostMessage;

/// <summary>Launcher: whether a checkpoint is valid.</summary>
internal sealed record CheckpointSettled(RunEpoch Epoch, WeightVersion Version, string? Failure) : HostMessage;

/// <summary>Launcher to the coordinator's node: this machine's process has ended.</summary>
internal sealed record MachineDied(MachineId Machine, string Reason) : HostMessage;

/// <summary>Launcher to the coordinator's node: this machine may be cut off, or (without a reason) is heard again.</summary>
internal sealed record MachineSuspected(MachineId Machine, string? Reason) : HostMessage;

/// <summary>Launcher to a successor's node: all machines that may have blocks or ranges.</summary>
internal sealed record MachinesFound(IReadOnlyList<MachineId> Machines) : HostMessage;

/// <summary>Launcher to the coordinator's node: end the run after a checkpoint.</summary>
internal sealed record StopRun : HostMessage;

/// <summary>Launcher: the node's machines leave politely.</summary>
internal sealed record LeaveNode : HostMessage;

/// <summary>Launcher: the run is over, the process ends.</summary>
internal sealed record EndNode : HostMessage;

/// <summary>Node, once a second: what crossed its lanes so far, where its workers' time went, and how much of the data is here when they come from the launcher.</summary>
internal sealed record NodeMeasured(long BytesSent, long BytesReceived, IReadOnlyDictionary<string, WorkerTimes> Workers, double? DataShare = null) : HostMessage;

/// <summary>Coordinator's node, once a second.</summary>
internal sealed record StatusTold(RunStatus Status) : HostMessage;

/// <summary>Node: a machine's part is over.</summary>
internal sealed record MachineLeft(MachineId Machine, string Reason, RefusalReason? Refusal) : HostMessage;

/// <summary>Node: it can't go on: bad input, or a defect of ours.</summary>
internal sealed record NodeFailed(string Reason, bool IsDefect) : HostMessage;
