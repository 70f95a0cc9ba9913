using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>Machines that die and join.</content>
public sealed partial class Simulator
{
    private void BeginFaults(RunEvent runEvent)
    {
        if (runEvent is not (RunStarted or StepCommitted))
        {
            return;
        }

        foreach ((FaultKind kind, int wait) in faults.Due(coordinator.Status.Committed.Value))
        {
            After(1 + wait, () => Begin(kind));
        }
    }

    private void Begin(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.WorkerKilled:
                Kill(MachineRole.Worker, kind);
                break;
            case FaultKind.ServerKilled:
                Kill(MachineRole.Server, kind);
                break;
            case FaultKind.WorkerJoined:
                faults.Count(kind);
                AddWorker();
                break;
            case FaultKind.RunStopped:
                faults.Count(kind);
                Step(coordinator, new StopRequested(), []);
                break;
        }
    }

    /// <summary>Ends a machine between two of its events. Most deaths are told to the coordinator after a while; the rest it must find out.</summary>
    private void Kill(MachineRole role, FaultKind kind)
    {
        List<MachineId> candidates = [.. machines.Keys.Where(machine => machine.Role == role)];
        if (candidates.Count == 0)
        {
            return;
        }

        MachineId victim = candidates[random.Below(candidates.Count)];
        machines.Remove(victim);
        if (role == MachineRole.Server || random.Chance(700))
        {
            faults.Count(kind);
            After(random.Between(1, 4 * options.DelayMax), () => Step(coordinator, new MemberLost(victim, "killed by the simulation"), []));
        }
        else
        {
            faults.Count(FaultKind.WorkerKilledUnannounced);
        }

        if (role == MachineRole.Server)
        {
            faults.Count(FaultKind.ServerJoined);
            After(random.Between(1, 20 * options.DelayMax), AddServer);
        }
        else if (candidates.Count == 1)
        {
            faults.Count(FaultKind.WorkerJoined);
            After(random.Between(1, 20 * options.DelayMax), AddWorker);
        }
    }
}
