using Akka.Actor;
using Akka.Event;
using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cluster;

/// <content>Orders, and the machines they ask for.</content>
internal sealed partial class NodeActor
{
    private void Follow(DirectNode direct)
    {
        if (orders is { } before && (before.Run != direct.Run || before.Lane != direct.Lane))
        {
            LetGo();
        }

        DirectNode? last = orders;
        orders = direct;
        if (direct.Setup is not { } setup)
        {
            return;
        }

        if (wire is null)
        {
            wire = new LaneNetwork(MemberName.OnLanes(direct.Lane, direct.Run), [settings.Lanes], settings.Security.ToLanes(), this, text => log.Warning("lanes: {0}", text));
            wire.Enter(setup.Identity);
            post.Use(wire);
        }

        if (parts is null || last?.Store != direct.Store)
        {
            parts = new NodeParts(setup);
            store?.Channel.Close();
            Volatile.Write(ref store, new StoreDoor(direct.Store, wire, parts, post, message => Volatile.Read(ref fetched)?.Take(message)));
            HostChannel channel = store.Channel;
            fetched?.AskAgain(message => channel.Post(message));
        }

        FollowDirectory(last, direct);
        foreach (MachineId machine in machines.Keys.Except(direct.Machines).ToList())
        {
            StopMachine(machine);
        }

        foreach (MachineId machine in ended.Keys.Except(direct.Machines).ToList())
        {
            ended.Remove(machine);
        }

        foreach (MachineId machine in direct.Machines.Where(machine => !machines.ContainsKey(machine) && !ended.ContainsKey(machine)))
        {
            StartMachine(machine);
        }
    }

    private void FollowDirectory(DirectNode? last, DirectNode direct)
    {
        var places = new Dictionary<MachineId, MachinePost.Place>();
        foreach (NodeEntry entry in direct.Directory.Where(entry => entry.Node != direct.Lane))
        {
            wire!.Reach(entry.Node, entry.Addresses);
            foreach (MachineId machine in entry.Machines)
            {
                // Only the coordinator is spoken to through its actor: the others have lanes.
                places[machine] = new MachinePost.Place(entry.Node, machine == MachineId.Coordinator ? direct.Coordinator : "");
            }
        }

        // A new singleton names the others as it hears of them: who is not named yet is not gone.
        IEnumerable<NodeEntry> before = last?.Order.Authority == direct.Order.Authority ? last.Directory : [];
        foreach (NodeEntry gone in before.Where(entry => direct.Directory.All(other => other.Node != entry.Node)))
        {
            wire!.Forget(gone.Node);
        }

        post.Follow(places);
    }

    private void StartMachine(MachineId machine)
    {
        if (machine.Role == MachineRole.Server)
        {
            Add(machine, parts!.Create(machine, null));
        }
        else if (opened is { } plan)
        {
            AddWorker(machine, plan);
        }
        else if (!isOpening)
        {
            Open();
        }
    }

    /// <summary>The job's data take a while, on a thread of their own.</summary>
    private void Open()
    {
        isOpening = true;
        string run = orders!.Run;
        NodeParts of = parts!;
        HostChannel channel = store!.Channel;
        var fetching = new FetchedData(new ChunkCache(settings.Chunks), message => channel.Post(message), text => log.Info("{0}", text), _ => self.Tell(new DataLost(run)));
        Volatile.Write(ref fetched, fetching);
        new Thread(() =>
        {
            try
            {
                self.Tell(new Opened(run, new TaskPlan(OpenTask(of, fetching)), null));
            }
            catch (Exception failure)
            {
                self.Tell(new Opened(run, null, failure));
            }
        })
        { IsBackground = true, Name = "open" }.Start();
    }

    /// <summary>On this host's data, or on the singleton's when it has none. Data that differ are the coordinator's to refuse.</summary>
    private TrainingTask OpenTask(NodeParts of, FetchedData fetching)
    {
        if (!settings.FetchesData)
        {
            try
            {
                return TrainingTask.Open(of.Job, DataFolders.For(settings.Data));
            }
            catch (UserError error)
            {
                log.Info("the data are not on this host ({0}); they come from the node with the singleton", error.Message);
            }
        }

        return TrainingTask.Create(of.Job, fetching.Open(of.Setup.Identity.DataFingerprint));
    }

    private void OnOpened(Opened opening)
    {
        isOpening = false;
        opened = opening.Plan;
        foreach (MachineId worker in orders!.Machines.Where(machine => machine.Role == MachineRole.Worker && !machines.ContainsKey(machine) && !ended.ContainsKey(machine)))
        {
            if (opened is { } plan && leaving is null)
            {
                AddWorker(worker, plan);
                continue;
            }

            bool isMistake = opening.Failure is null or UserError or IOException or UnauthorizedAccessException;
            string reason = opening.Failure?.Message ?? "its node leaves";
            log.Warning("{0} can't be hosted: {1}", worker, reason);
            ended[worker] = new MachineEnd(worker, opening.Failure is null ? MachineEndKind.Left : isMistake ? MachineEndKind.Unfit : MachineEndKind.Crashed, reason);
        }

        Report();
        AnswerWhenLeft();
    }

    private void AddWorker(MachineId worker, TaskPlan plan)
    {
        RunIdentity identity = RunIdentity.Of(plan.Task.Job.Sha256(), plan.Task.DataSha256);
        int threads = parts!.Setup.Threads > 0 ? parts.Setup.Threads : settings.Threads;

        // The compute port first: the machine may ask for work in its first step.
        compute = new WorkerCompute(worker, plan, threads, (input, buffer) => Answer(worker, input, buffer), exception => self.Tell(new MachineCrashed(worker, exception)));
        Add(worker, parts.CreateWorker(worker, identity));
    }

    /// <summary>On the worker's compute thread.</summary>
    private void Answer(MachineId worker, Input input, BlockBuffer? buffer)
    {
        settings.OnComputed?.Invoke(input);
        post.Deliver(worker, input, buffer);
    }

    private void Add(MachineId id, IMachine machine)
    {
        WorkerCompute? port = id.Role == MachineRole.Worker ? compute : null;
        IActorRef actor = Context.ActorOf(MachineActor.Props(machine, (from, effect) => Perform(from, effect, port), performed: Flush), MachineActor.NameOf(id, orders!.Lane, orders.Run));
        machines[id] = actor;
        post.Add(id, actor);
        log.Info("hosts {0} of run {1}", id, orders.Run);
    }

    /// <summary>All that a machine said at a time goes together.</summary>
    private void Flush() => post.Flush(all: false);

    /// <summary>On the machine's thread.</summary>
    private void Perform(MachineId machine, Effect effect, WorkerCompute? port)
    {
        switch (effect)
        {
            case Send send:
                post.Send(machine, send);
                break;
            case LoadBlocks load:
                Volatile.Read(ref store)!.Channel.Post(new AskBlocks(machine, load.Epoch, load.Version, load.Blocks));
                break;
            case StoreShard shard:
                StoreDoor door = Volatile.Read(ref store)!;
                _ = Task.Run(() => door.Send(machine, shard));
                break;
            case Leave leave:
                self.Tell(new MachineGone(machine, leave));
                break;
            case Protocol.Report:
                break;
            default:
                if (port is null || !port.Perform(effect))
                {
                    throw new InvalidOperationException($"{machine} asked for {effect.GetType().Name}, which no host performs.");
                }

                effect.Release();
                break;
        }
    }

    private void StopMachine(MachineId machine)
    {
        post.Remove(machine);
        if (machines.Remove(machine, out IActorRef? actor))
        {
            Context.Stop(actor);
        }

        if (machine.Role == MachineRole.Worker)
        {
            compute?.Dispose();
            compute = null;
        }
    }

    /// <summary>The run is over, here.</summary>
    private void LetGo()
    {
        foreach (MachineId machine in machines.Keys.ToList())
        {
            StopMachine(machine);
        }

        ForgetData();
        store?.Channel.Close();
        Volatile.Write(ref store, null);
        post.Use(null);
        post.Clear();
        ended.Clear();
        wire?.Dispose();
        (wire, parts, opened, isOpening) = (null, null, null, false);
        AnswerWhenLeft();
    }

    /// <summary>Whoever comes next opens them anew.</summary>
    private void ForgetData()
    {
        Interlocked.Exchange(ref fetched, null)?.Dispose();
        opened = null;
    }
}
