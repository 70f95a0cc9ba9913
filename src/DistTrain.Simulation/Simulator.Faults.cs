using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>Machines that die, join and are cut off.</content>
public sealed partial class Simulator
{
    private long diskFullUntil;

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
                Kill(MachineRole.Worker);
                break;
            case FaultKind.ServerKilled:
                Kill(MachineRole.Server);
                break;
            case FaultKind.WorkerJoined:
                faults.Count(kind);
                AddWorker();
                break;
            case FaultKind.PartitionFull:
                Cut();
                break;
            case FaultKind.WorkerSlowed:
                if (AnyWorker() is { } slow)
                {
                    SlowDown(slow, random.Between(2, 20), random.Between(1, options.SlowdownMax));
                }

                break;
            case FaultKind.WorkerSuspected:
                if (AnyWorker() is { } suspect)
                {
                    Suspect(suspect, random.Between(1, options.SlowdownMax));
                }

                break;
            case FaultKind.CoordinatorKilled:
                KillCoordinator();
                break;
            case FaultKind.LeaveRequested:
                RequestLeave();
                break;
            case FaultKind.DiskFull:
                FillDisk(random.Between(1, options.DiskFullMax));
                break;
            case FaultKind.CheckpointCorrupted:
                Rot();
                break;
            case FaultKind.WorkerComputesWrong:
                if (AnyWorker() is { } wrong)
                {
                    computesWrong.Add(wrong);
                }

                break;
            case FaultKind.RunStopped:
                faults.Count(kind);
                Step(coordinator, new StopRequested(), []);
                break;
        }
    }

    private void Begin(ScriptedFault fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.WorkerKilled or FaultKind.ServerKilled when fault.Machine is { } victim && machines.ContainsKey(victim):
                Kill(victim);
                break;
            case FaultKind.PartitionOneWay or FaultKind.PartitionFull when fault.Machine is { } lonely:
                After(fault.Instants, network.Cut(new HashSet<MachineId> { lonely }, fault.Kind == FaultKind.PartitionOneWay));
                break;
            case FaultKind.WorkerSlowed when fault.Machine is { } slow && machines.ContainsKey(slow):
                SlowDown(slow, fault.Factor, fault.Instants);
                break;
            case FaultKind.WorkerComputesWrong when fault.Machine is { } wrong:
                computesWrong.Add(wrong);
                break;
            case FaultKind.WorkerSuspected when fault.Machine is { } suspect:
                Suspect(suspect, fault.Instants);
                break;
            case FaultKind.DiskFull:
                FillDisk(fault.Instants);
                break;
            case FaultKind.CheckpointCorrupted:
                Rot(storage.Versions.Last(), fault.Machine);
                break;
            default:
                Begin(fault.Kind);
                break;
        }
    }

    /// <summary>Nothing can be stored for a while, the last version included.</summary>
    private void FillDisk(int instants)
    {
        faults.Count(FaultKind.DiskFull);
        diskFullUntil = Math.Max(diskFullUntil, now + instants);
    }

    /// <summary>
    /// A file of one of the newest checkpoints rots, except where only that one holds what the run must end with: its last version,
    /// which a stop request may bring forward, and the best one that it restores.
    /// </summary>
    private void Rot()
    {
        List<WeightVersion> candidates = [.. storage.Versions.TakeLast(2).Where(version => !IsLast(version))];
        if (candidates.Count > 0 && options.StopAfterSteps is null && application.Run.Steering is null)
        {
            Rot(candidates[random.Below(candidates.Count)]);
        }
    }

    /// <summary>A file of a checkpoint rots; the one that this server wrote, if one is named.</summary>
    private void Rot(WeightVersion version, MachineId? writer = null)
    {
        faults.Count(FaultKind.CheckpointCorrupted);
        storage.Rot(version, writer, random);
    }

    private MachineId? AnyWorker()
    {
        List<MachineId> workers = [.. Ids.Where(machine => machine.Role == MachineRole.Worker)];
        return workers.Count == 0 ? null : workers[random.Below(workers.Count)];
    }

    /// <summary>A worker's computations take longer for a while, from the next one on.</summary>
    private void SlowDown(MachineId worker, int factor, int instants)
    {
        SimulatedCompute compute = computes[worker];
        if (compute.IsSlowed)
        {
            // Several at once would make it stand still for the rest of the run.
            return;
        }

        faults.Count(FaultKind.WorkerSlowed);
        compute.IsSlowed = true;
        compute.Slowness *= factor;
        After(instants, () =>
        {
            compute.IsSlowed = false;
            compute.Slowness /= factor;
        });
    }

    /// <summary>The coordinator is told of a suspicion, and after a while that it is over; whoever is the coordinator then.</summary>
    private void Suspect(MachineId worker, int instants)
    {
        faults.Count(FaultKind.WorkerSuspected);
        Step(coordinator, new MemberSuspected(worker, "suspected by the simulation"), []);
        After(instants, () => Step(coordinator, new MemberHeard(worker), []));
    }

    /// <summary>Cuts off one machine, or about half of them, for a while.</summary>
    private void Cut()
    {
        if (machines.Count == 0)
        {
            return;
        }

        var side = new HashSet<MachineId>();
        if (random.Chance(500))
        {
            side.Add(Ids.ElementAt(random.Below(machines.Count)));
        }
        else
        {
            side.UnionWith(Ids.Where(_ => random.Chance(500)));
        }

        Action heal = network.Cut(side, oneWay: random.Chance(500));
        After(random.Between(1, random.Chance(500) ? options.PartitionMax / 10 : options.PartitionMax), heal);
    }

    /// <summary>Somebody dies in a bad moment, if the plan says so: this machine, or in place of a coordinator that must live, any other.</summary>
    private void Strike(FaultKind moment, IMachine machine)
    {
        if (!faults.Strikes(moment))
        {
            return;
        }

        After(random.Between(1, options.StoreMax), () =>
        {
            if (machine.Id.Role == MachineRole.Coordinator && options.CoordinatorKills > 0)
            {
                KillCoordinator();
            }
            else if (machine.Id.Role == MachineRole.Coordinator)
            {
                Kill(random.Chance(500) ? MachineRole.Server : MachineRole.Worker);
            }
            else if (machines.ContainsKey(machine.Id))
            {
                Kill(machine.Id);
            }
        });
        faults.Count(moment);
    }

    private void Kill(MachineRole role)
    {
        List<MachineId> candidates = [.. Ids.Where(machine => machine.Role == role)];
        if (candidates.Count > 0)
        {
            Kill(candidates[random.Below(candidates.Count)]);
        }
    }

    /// <summary>Ends a machine between two of its events. Most deaths are told to the coordinator after a while; the rest it must find out.</summary>
    private void Kill(MachineId victim)
    {
        machines.Remove(victim);
        storage.Crash(victim, random, faults);
        bool isServer = victim.Role == MachineRole.Server;
        if (random.Chance(isServer ? 850 : 700))
        {
            faults.Count(isServer ? FaultKind.ServerKilled : FaultKind.WorkerKilled);
            After(random.Between(1, 4 * options.DelayMax), () => Step(coordinator, new MemberLost(victim, "killed by the simulation"), []));
        }
        else
        {
            faults.Count(isServer ? FaultKind.ServerKilledUnannounced : FaultKind.WorkerKilledUnannounced);
        }

        Replace(victim.Role, always: isServer);
    }

    /// <summary>A host starts again, under a number never used before; where none of the role is left, always.</summary>
    private void Replace(MachineRole role, bool always)
    {
        if (always || !Ids.Any(machine => machine.Role == role))
        {
            faults.Count(role == MachineRole.Server ? FaultKind.ServerJoined : FaultKind.WorkerJoined);
            After(random.Between(1, 20 * options.DelayMax), role == MachineRole.Server ? AddServer : AddWorker);
        }
    }

    /// <summary>A machine goes; one that was taken for lost though it lived comes back.</summary>
    private void Remove(IMachine machine, Leave leave)
    {
        machines.Remove(machine.Id);
        if (leave.Refusal == RefusalReason.TakenForLost)
        {
            faults.Count(FaultKind.TakenForLost);
            Replace(machine.Id.Role, always: true);
        }
        else if (leave.Refusal == RefusalReason.ComputesWrong)
        {
            // Another machine is put in its place.
            Replace(machine.Id.Role, always: true);
        }
        else if (machine.Id.Role != MachineRole.Coordinator && !IsOver)
        {
            Replace(machine.Id.Role, always: false);
        }
    }
}
