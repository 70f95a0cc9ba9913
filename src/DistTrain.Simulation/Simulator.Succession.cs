using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>Coordinators that die and are succeeded; machines that leave when they may.</content>
public sealed partial class Simulator
{
    private int term = 1;

    private bool IsOver => runEvents.Exists(happened => happened is RunCompleted or RunFailed);

    private void KillCoordinator()
    {
        if (!IsOver && machines.Remove(coordinator.Id))
        {
            faults.Count(FaultKind.CoordinatorKilled);
            After(random.Between(1, 20 * options.DelayMax), Succeed);
        }
    }

    /// <summary>Begins the next coordinator with what a host knows: the newest valid checkpoint, and in some cases who is there.</summary>
    private void Succeed()
    {
        coordinator = new CoordinatorMachine(application.Run, application.Blocks, options.Protocol, identity, NewestStart(), ++term);
        checker.Succeeded(coordinator.Id);
        Add(coordinator);
        CoordinatorMachine successor = coordinator;
        if (random.Chance(500))
        {
            After(2, () => Step(successor, new MembersFound([.. Ids.Where(machine => machine.Role != MachineRole.Coordinator)], AreAll: successor.Status.Epoch.Term % 2 == 0), []));
        }

        if (faults.Fired[FaultKind.RunStopped] > 0)
        {
            After(3, () => Step(successor, new StopRequested(), []));
        }
    }

    /// <summary>The newest checkpoint; some hosts read it first and take an earlier one when it is damaged, others leave that to the servers.</summary>
    private RunStart NewestStart()
    {
        bool reads = random.Chance(500);
        WeightVersion? newest = null;
        foreach (WeightVersion stored in storage.Versions.Reverse().Where(stored => newest is null && stored > options.Start.Version))
        {
            if (!reads || storage.IsSound(stored))
            {
                newest = stored;
            }
            else
            {
                faults.Count(FaultKind.CorruptionFound);
            }
        }

        RunStart found = newest is { } version ? storage.StartAt(version) : options.Start;
        WeightVersion began = runEvents.OfType<RunStarted>().Select(started => started.Version).DefaultIfEmpty(found.Version).Min();
        long samples = application.Run.SamplesBefore(found.Version.Step) - application.Run.SamplesBefore(began.Step);
        return found with { CommittedSamples = Math.Max(0, samples) };
    }

    private void RequestLeave()
    {
        List<IMachine> candidates = [.. Ids.Where(id => id.Role != MachineRole.Coordinator).Select(id => machines[id])];
        if (candidates.Count > 0)
        {
            faults.Count(FaultKind.LeaveRequested);
            Step(candidates[random.Below(candidates.Count)], new LeaveRequested(), []);
        }
    }
}
