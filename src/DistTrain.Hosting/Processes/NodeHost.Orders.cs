using System.Runtime.InteropServices;
using DistTrain.Data;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <content>What the launcher says.</content>
internal sealed partial class NodeHost
{
    private void Deliver(HostMessage message)
    {
        switch (message)
        {
            case SetUpNode setUp when parts is null:
                parts = new NodeParts(setUp.Setup, wire.Memory);
                SetUp(parts);
                break;
            case DirectoryChanged changed when changed.Directory.Number > directory.Number:
                Follow(changed.Directory);
                break;
            case StoredPart part:
                Load(part);
                break;
            case BlocksNotLoaded failed when hosts.TryGetValue(failed.Server, out MachineHost? server):
                server.Post(new LoadFailed(failed.Epoch, failed.Version, failed.Reason));
                break;
            case ShardSettled settled when hosts.TryGetValue(settled.Server, out MachineHost? server):
                server.Post(settled.Receipt is { } receipt
                    ? new ShardStored(settled.Epoch, settled.Version, receipt)
                    : new ShardStoreFailed(settled.Epoch, settled.Version, settled.Failure ?? ""));
                break;
            case CheckpointSettled settled:
                Tell(settled.Failure is null
                    ? new ManifestCommitted(settled.Epoch, settled.Version)
                    : new ManifestFailed(settled.Epoch, settled.Version, settled.Failure));
                break;
            case MachineDied died:
                Tell(new MemberLost(died.Machine, died.Reason));
                break;
            case MachineSuspected suspected:
                Tell(suspected.Reason is { } reason ? new MemberSuspected(suspected.Machine, reason) : new MemberHeard(suspected.Machine));
                break;
            case MachinesFound found:
                Tell(new MembersFound(found.Machines, AreAll: true));
                break;
            case StopRun:
                Tell(new StopRequested());
                break;
            case LeaveNode:
                RequestLeave();
                break;
            case DataTold or HashesTold or ChunkTold or DataNotTold:
                fetched?.Take(message);
                break;
            case ClockTold told:
                timeline?.Take(told);
                break;
            case EndNode when timeline is not null:
                // What happened last is worth a moment.
                _ = timeline.FlushAsync().WaitAsync(HostClock.FlushMax).ContinueWith(_ => ended.TrySetResult(exitCode), TaskScheduler.Default);
                break;
            case EndNode:
                ended.TrySetResult(exitCode);
                break;
        }
    }

    private void Tell(Input input)
    {
        if (hosts.TryGetValue(MachineId.Coordinator, out MachineHost? coordinator))
        {
            coordinator.Post(input);
        }
    }

    private void Follow(NodeDirectory newer)
    {
        var found = new Dictionary<MachineId, int>();
        foreach (NodeEntry entry in newer.Nodes)
        {
            wire.Reach(entry.Node, entry.Addresses);
            foreach (MachineId machine in entry.Machines)
            {
                found[machine] = entry.Node;
            }
        }

        foreach (NodeEntry gone in directory.Nodes.Where(entry => newer.Nodes.All(other => other.Node != entry.Node)))
        {
            wire.Forget(gone.Node);
        }

        directory = newer;
        places = found;
    }

    /// <summary>Coordinator and servers begin at once; workers when the data are open, which takes a while.</summary>
    private void SetUp(NodeParts node)
    {
        NodeSetup setup = node.Setup;
        timeline = setup.HasTimeline ? new NodeTimeline(launcher) : null;
        wire.Enter(setup.Identity);
        wire.Watch?.MaySpin = setup.HasOwnCores;
        launcher.Post(new NodeReady());
        foreach (MachineId id in setup.Machines.Where(id => id.Role != MachineRole.Worker))
        {
            IMachine machine = node.Create(id, timeline?.Spans);
            Add(HostOf(machine, timeline is null ? null : new MachineSpans(machine, timeline.Spans)));
        }

        List<MachineId> workers = [.. setup.Machines.Where(id => id.Role == MachineRole.Worker)];
        if (workers.Count > 0)
        {
            _ = Task.Run(() => AddWorkers(node, workers));
        }
    }

    private void AddWorkers(NodeParts node, List<MachineId> workers)
    {
        try
        {
            TrainingTask task = OpenTask(node);
            RunIdentity identity = RunIdentity.Of(task.Job.Sha256(), task.DataSha256);
            var plan = new TaskPlan(task);
            foreach (MachineId id in workers)
            {
                // The compute port first: once the host is listed, a tick can make the worker ask for work.
                MachineHost host = HostOf(node.CreateWorker(id, identity));
                computes[id] = new WorkerCompute(id, plan, node.Setup.Threads, (input, buffer) => Post(host, input, buffer), Fault, timeline?.Spans, wire.Memory, wire.Watch);
                Add(host);
            }
        }
        catch (Exception exception)
        {
            Fault(exception);
        }
    }

    /// <summary>On this host's data, or on the launcher's when it has none. Data that differ are the coordinator's to refuse.</summary>
    private TrainingTask OpenTask(NodeParts node)
    {
        if (!data.MustFetch)
        {
            try
            {
                return TrainingTask.Open(node.Job, DataFolders.For(data.Root ?? node.Setup.DataRoot));
            }
            catch (UserError error)
            {
                log.WriteLine($"the data are not on this host ({error.Message}); they come from the launcher");
            }
        }

        fetched = new FetchedData(data.Cache, message => launcher.Post(message), log.WriteLine, Fault);
        return TrainingTask.Create(node.Job, fetched.Open(node.Setup.Identity.DataFingerprint));
    }

    private MachineHost HostOf(IMachine machine, MachineSpans? spans = null) => new(machine, Perform, Fault, spans, () => wire.Flush(all: false));

    private void Add(MachineHost host)
    {
        hosts[host.Id] = host;
        host.Post(new MachineStarted(Interlocked.Read(ref ticks)));
    }

    private void Load(StoredPart part)
    {
        if (parts!.Take(part) is { } block && hosts.TryGetValue(part.Server, out MachineHost? server))
        {
            server.Post(new BlockLoaded(part.Epoch, part.Block, block.Weights, block.Slots), block.Weights, block.Slots);
        }
    }
}
