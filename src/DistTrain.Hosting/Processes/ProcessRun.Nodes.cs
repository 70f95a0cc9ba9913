using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <content>Processes: started, set up, told of each other, started again when they die. All under the gate.</content>
internal sealed partial class ProcessRun
{
    private void Launch(NodeSlot slot)
    {
        LaunchedNode node = Create(slot);
        LaneAddress own = sockets.Address(node.Number);
        string[] listen = options.Listen is { } door ? [$"{own}", $"{LaneAddress.Tcp(door.Host!, 0)}"] : [$"{own}"];
        var boot = new NodeBoot(node.Number, name.Run, wire.Addresses, listen, security, sockets.Path, options.RunFolder);
        try
        {
            node.Process = new ChildProcess(options, boot, slot.Name, isUrgent: slot.IsCoordinator && term > 1, slot.Cores);
        }
        catch (EngineFailedException failure)
        {
            Fail(failure);
            return;
        }

        node.Process.Exited.ContinueWith(exited => OnExited(node, exited.Result), TaskScheduler.Default);
    }

    /// <summary>A node with machines under new numbers.</summary>
    private LaunchedNode Create(NodeSlot slot)
    {
        List<MachineId> machines = slot.IsCoordinator ? [MachineId.Coordinator] : [];
        machines.AddRange(Enumerable.Range(0, slot.Servers).Select(_ => MachineId.Server(nextServer++)));
        machines.AddRange(Enumerable.Range(0, slot.Workers).Select(_ => MachineId.Worker(nextWorker++)));
        term += slot.IsCoordinator ? 1 : 0;
        int number = nextNode++;
        var node = new LaunchedNode(number, slot, machines) { Store = new StoreAccess(store, plan.Blocks, task.Rule.SlotCount, pool) };
        node.Channel = new HostChannel(packet => wire.Send(number, packet), message => Deliver(node, message));
        node.Feed = new DataFeed(data, node.Channel);
        nodes.Add(number, node);
        return node;
    }

    private void SetUp(LaunchedNode node, NodeArrived arrived)
    {
        (node.Addresses, node.ProcessId) = (arrived.Addresses, arrived.ProcessId);
        node.Channel.Post(new SetUpNode(new NodeSetup
        {
            Machines = node.Machines,
            JobYaml = task.Job.ToYaml(),
            DataRoot = options.DataRoot,
            Run = plan.Run,
            Tensors = [.. task.Layout.Parameters.Select(parameter => new TensorLength(parameter.Name, parameter.Shape.Length, parameter.Rule))],
            Options = plan.OptionsBetweenProcesses,
            Identity = identity,
            Optimizer = start.Optimizer,
            TotalSteps = task.Steps.TotalSteps,
            Threads = node.Slot.Threads ?? InProcessRun.ThreadsOf(task.Job.Run),
            Start = node.HostsCoordinator ? (term == 1 ? plan.StartAt(start) : plan.SuccessorAt(start, store.Complete)) : null,
            Term = term,
            HasTimeline = timeline is not null,
            HasOwnCores = node.Slot.Cores is not null,
        }));
        timeline?.Name(node.Number, $"{node.Slot.Name} (process {node.ProcessId})");
        if (!node.HostsCoordinator)
        {
            return;
        }

        if (term > 1)
        {
            node.Channel.Post(new MachinesFound([.. nodes.Values.Where(other => other.IsReady).SelectMany(other => other.Machines).Where(machine => machine.Role != MachineRole.Coordinator)]));
        }

        dead.ForEach(machine => node.Channel.Post(new MachineDied(machine, "its process has ended")));
        if (stopRequested)
        {
            node.Channel.Post(new StopRun());
        }
    }

    private void PushDirectory()
    {
        var directory = new NodeDirectory(
            ++directoryNumber,
            [.. nodes.Values.Where(node => node.IsReady).Select(node => new NodeEntry(node.Number, node.Addresses, node.Machines))]);
        foreach (LaunchedNode node in nodes.Values.Where(node => node.IsReady))
        {
            node.Channel.Post(new DirectoryChanged(directory));
        }
    }

    private void OnExited(LaunchedNode node, int exitCode)
    {
        lock (gate)
        {
            if (!nodes.Remove(node.Number))
            {
                return;
            }

            Remove(node);
            if (node.HostsCoordinator && completed is not null && !ending)
            {
                // All that it had left to do was to tell the others.
                Finish();
            }

            if (ending)
            {
                return;
            }

            string reason = exitCode > 128 ? $"its process {node.Process!.Id} was ended by signal {exitCode - 128}" : $"its process {node.Process!.Id} ended with exit code {exitCode}";
            foreach (MachineId machine in node.Machines.Where(machine => machine.Role != MachineRole.Coordinator))
            {
                dead.Add(machine);
                Coordinator?.Channel.Post(new MachineDied(machine, reason));
            }

            PushDirectory();
            if (!node.IsGivenUp)
            {
                Replace(node, reason);
            }
        }
    }

    private void Remove(LaunchedNode node)
    {
        node.IsReady = false;
        node.Channel.Close();
        node.Store.Dispose();
        wire.Forget(node.Number);
        sockets.Remove(node.Number);
        node.Process?.Dispose();
    }

    private void Replace(LaunchedNode node, string reason)
    {
        NodeSlot slot = node.Slot;
        if (slot.IsCoordinator)
        {
            publish(new RunNotice($"the coordinator is gone: {reason}; another one takes over"));
        }

        if (node.Failure is { IsDefect: false } failure)
        {
            Fail(new UserError($"{slot.Name}: {failure.Reason}"));
        }
        else if (slot.DelayAfterDeath(Journal.Samples) is not { } delay)
        {
            Fail(node.Failure is { } defect
                ? new InvalidOperationException($"{slot.Name}: {defect.Reason}")
                : new EngineFailedException($"{slot.Name}: its process ended again and again, the last time: {reason}; what it wrote stands above"));
        }
        else if (delay == TimeSpan.Zero)
        {
            Launch(slot);
        }
        else
        {
            _ = Task.Delay(delay).ContinueWith(_ => LaunchAgain(slot), TaskScheduler.Default);
        }
    }

    private void LaunchAgain(NodeSlot slot)
    {
        lock (gate)
        {
            if (!ending)
            {
                Launch(slot);
            }
        }
    }
}
