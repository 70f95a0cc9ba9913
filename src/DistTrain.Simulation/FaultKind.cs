namespace DistTrain.Simulation;

/// <summary>What can go wrong in a simulation. Results count each kind, so that one that never fires is seen.</summary>
public enum FaultKind
{
    MessageLost,
    MessageDuplicated,
    MessageOvertaken,

    /// <summary>A message that took so long that what it says may be over.</summary>
    MessageLate,

    /// <summary>A message that had to wait because its sender's line was busy.</summary>
    MessageQueued,

    /// <summary>A message that a partition swallowed.</summary>
    MessageCut,

    /// <summary>Some machines cannot reach the others, but hear them.</summary>
    PartitionOneWay,
    PartitionFull,
    PartitionHealed,
    WorkerKilled,
    WorkerKilledUnannounced,
    WorkerJoined,
    WorkerSlow,

    /// <summary>A worker's computations take 2 to 20 times as long for a while.</summary>
    WorkerSlowed,

    /// <summary>The coordinator's host suspects a worker for a while, rightly or not.</summary>
    WorkerSuspected,
    ServerKilled,
    ServerKilledUnannounced,
    ServerJoined,

    /// <summary>A server dies while it writes a shard.</summary>
    CrashWhileStoring,

    /// <summary>A server dies while it loads its blocks: at the start, or in the recovery from another death.</summary>
    CrashWhileLoading,

    /// <summary>A machine dies while a manifest is written.</summary>
    CrashWhileCommitting,

    /// <summary>A worker dies while a version is measured.</summary>
    CrashWhileMeasuring,

    /// <summary>A machine dies while servers are asked what they have: in the recovery from another loss.</summary>
    CrashWhileCollecting,

    /// <summary>A machine that was taken for lost though it lived leaves, and comes back under a new number.</summary>
    TakenForLost,

    /// <summary>The coordinator dies; a successor begins a while later.</summary>
    CoordinatorKilled,

    /// <summary>A worker or server is asked to leave when the run can do without it.</summary>
    LeaveRequested,
    ShardStoreFailed,
    ManifestStoreFailed,

    /// <summary>For a while nothing can be stored.</summary>
    DiskFull,

    /// <summary>A bit of a checkpoint that was stored for good turned over.</summary>
    CheckpointCorrupted,

    /// <summary>Somebody read a corrupted checkpoint, and knew it by its SHA-256.</summary>
    CorruptionFound,

    /// <summary>A crash left a part of a shard that was not synced.</summary>
    ShardTorn,

    /// <summary>A crash left nothing of a shard that was not synced.</summary>
    ShardLost,

    /// <summary>A crash left a shard that was not synced with a wrong float.</summary>
    ShardCorrupted,

    /// <summary>A machine whose ticks are shorter or longer than the others'.</summary>
    TickDrifted,
    CancelledAnswerArrived,
    RunStopped,

    /// <summary>A worker that flips a bit in every audited sum of one block from now on.</summary>
    WorkerComputesWrong,
}
