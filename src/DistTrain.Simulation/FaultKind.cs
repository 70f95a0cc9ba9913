namespace DistTrain.Simulation;

/// <summary>What can go wrong in a simulation. Results count each kind, so that one that never fires is seen.</summary>
public enum FaultKind
{
    MessageLost,
    MessageDuplicated,
    MessageOvertaken,
    WorkerKilled,
    WorkerKilledUnannounced,
    WorkerJoined,
    ServerKilled,
    ServerJoined,
    ShardStoreFailed,
    CancelledAnswerArrived,
    RunStopped,
}
