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
            After(2, () => Step(successor, new MembersFound([.. machines.Keys.Where(machine => machine.Role != MachineRole.Coordinator)]), []));
        }

        if (faults.Fired[FaultKind.RunStopped] > 0)
        {
            After(3, () => Step(successor, new StopRequested(), []));
        }
    }

    private RunStart NewestStart()
    {
        if (storage.Versions.Count == 0 || storage.Versions.Last() <= options.Start.Version)
        {
            return options.Start;
        }

        RunStart newest = storage.StartAt(storage.Versions.Last());
        long samples = 0;
        for (StepNumber step = options.Start.Version.Step; step < newest.Version.Step; step = step.Next)
        {
            samples += application.Run.RowsOf(step);
        }

        return newest with { CommittedSamples = samples };
    }

    private void RequestLeave()
    {
        List<IMachine> candidates = [.. machines.Values.Where(machine => machine.Id.Role != MachineRole.Coordinator)];
        if (candidates.Count > 0)
        {
            faults.Count(FaultKind.LeaveRequested);
            Step(candidates[random.Below(candidates.Count)], new LeaveRequested(), []);
        }
    }
}
