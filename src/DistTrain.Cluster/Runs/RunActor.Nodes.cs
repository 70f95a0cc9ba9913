using Akka.Actor;
using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <content>Nodes: taken in, told what to host, suspected, removed.</content>
internal sealed partial class RunActor
{
    private bool foundTold;

    private void Hear(NodeReported reported, IActorRef actor)
    {
        bool takesPart = (reported.HostsServers || reported.HostsWorkers) && (!reported.IsLeaving || reported.Run == live.Id);
        if (nodes.TryGetValue(reported.Node, out RunNode? node) && node.Newest?.Reported.Run == live.Id && reported.Run != live.Id)
        {
            // What it had is gone, and must not come back empty under the same numbers.
            Remove(reported.Node, "its node began anew");
            node = null;
        }

        if (node is null)
        {
            if (!takesPart)
            {
                return;
            }

            node = reported.Run == live.Id && reported.Lane > 0 ? Adopt(reported, actor) : Create(reported, actor);
        }

        bool changed = node.Newest is null;
        node.Actor = actor;
        node.Take(reported);
        if (!node.Addresses.SequenceEqual(reported.Addresses))
        {
            node.Addresses = reported.Addresses;
            wire.Reach(node.Lane, node.Addresses);
            changed = true;
        }

        foreach (MachineEnd end in reported.Ended.Where(end => node.Remove(end.Machine)))
        {
            OnEnded(node, end);
            changed = true;
        }

        TellWhoIsFound();
        if (changed)
        {
            PushOrders();
        }
        else if (reported.Order.CompareTo(Number) < 0)
        {
            Direct(node);
        }
    }

    /// <summary>A node that an earlier singleton took in: it keeps its machines and what they hold.</summary>
    private RunNode Adopt(NodeReported reported, IActorRef actor)
    {
        RunNode node = Add(reported, actor, reported.Lane);
        foreach (MachineId machine in reported.Machines)
        {
            node.Add(machine);
        }

        // Machines that an earlier singleton ordered and that did not come to live get new numbers.
        PlaceMissing(node, reported);
        return node;
    }

    private RunNode Create(NodeReported reported, IActorRef actor)
    {
        int number = live.NextLane;
        Save(live with { NextLane = number + 1 });
        RunNode node = Add(reported, actor, number);
        PlaceMissing(node, reported);
        return node;
    }

    private RunNode Add(NodeReported reported, IActorRef actor, int number)
    {
        var store = new StoreAccess(run.Store, run.Plan.Blocks, run.Task.Rule.SlotCount, pool);
        RunNode? node = null;
        var channel = new HostChannel(packet => wire.Send(number, packet), message => Deliver(node!, message));
        node = new RunNode
        {
            Lane = number,
            Name = reported.Node.Split('@', '#') is [_, var address, ..] ? address : reported.Node,
            Actor = actor,
            Store = store,
            Slot = new NodeSlot(reported.Node, 1, 1),
            Channel = channel,
            Feed = new DataFeed(data, channel),
        };
        nodes.Add(reported.Node, node);
        lanes[number] = node;
        return node;
    }

    private void PlaceMissing(RunNode node, NodeReported reported)
    {
        if (reported.HostsServers && node.Machines.All(machine => machine.Role != MachineRole.Server))
        {
            Place(node, MachineRole.Server);
        }

        if (reported.HostsWorkers && node.Machines.All(machine => machine.Role != MachineRole.Worker))
        {
            Place(node, MachineRole.Worker);
        }
    }

    /// <summary>A machine under a number never used before in this run.</summary>
    private void Place(RunNode node, MachineRole role)
    {
        if (node.Closed.Contains(role))
        {
            return;
        }

        if (role == MachineRole.Server)
        {
            node.Add(MachineId.Server(live.NextServer));
            Save(live with { NextServer = live.NextServer + 1 });
        }
        else
        {
            node.Add(MachineId.Worker(live.NextWorker));
            Save(live with { NextWorker = live.NextWorker + 1 });
        }
    }

    /// <summary>A machine's part is over, by its node's word.</summary>
    private void OnEnded(RunNode node, MachineEnd end)
    {
        if (end.Kind != MachineEndKind.Left)
        {
            // Who left in order was told to by the coordinator.
            Tell(new MemberLost(end.Machine, end.Reason));
        }

        switch (end.Kind)
        {
            case MachineEndKind.TakenForLost or MachineEndKind.Crashed when node.Slot.DelayAfterDeath(run.Journal.Samples) is { } delay:
                run.Notice($"{end.Machine} on {node.Name} is started again: {end.Reason}");
                Timers.StartSingleTimer($"{node.Lane} {end.Machine.Role}", new PlaceAgain(node, end.Machine.Role), delay);
                break;
            case MachineEndKind.TakenForLost or MachineEndKind.Crashed:
                run.Fail(new EngineFailedException($"{end.Machine} on {node.Name} ended again and again, the last time: {end.Reason}"));
                break;
            case MachineEndKind.Left:
                node.Closed.Add(end.Machine.Role);
                break;
            default:
                node.Closed.Add(end.Machine.Role);
                run.Notice($"{end.Machine} on {node.Name} takes no part: {end.Reason}");
                break;
        }
    }

    /// <summary>A suspicion is for workers: others compute what they have. Of servers it says nothing.</summary>
    private void Suspect(RunNode node, string? reason)
    {
        foreach (MachineId worker in node.Machines.Where(machine => machine.Role == MachineRole.Worker))
        {
            Tell(reason is null ? new MemberHeard(worker) : new MemberSuspected(worker, reason));
        }
    }

    private void Remove(string name, string reason)
    {
        if (!nodes.Remove(name, out RunNode? node))
        {
            return;
        }

        lanes.TryRemove(node.Lane, out _);
        foreach (MachineId machine in node.Machines)
        {
            Tell(new MemberLost(machine, reason));
        }

        node.Channel.Close();
        node.Store.Dispose();
        wire.Forget(node.Lane);
        PushOrders();
        TellWhoIsFound();
    }

    /// <summary>
    /// A successor need not wait for servers that it does not know of, once every member that may host one has reported. Members that
    /// can't be reached are waited for: until they are removed, or the coordinator has waited long enough by itself.
    /// </summary>
    private void TellWhoIsFound()
    {
        if (foundTold || (!isSuccessor && live.Term == 1))
        {
            return;
        }

        if (cluster.State.Members.All(member => nodes.ContainsKey(MemberName.Of(member.UniqueAddress)) || !(member.HasRole(NodeSettings.ServerRole) || member.HasRole(NodeSettings.WorkerRole))))
        {
            foundTold = true;
            Tell(new MembersFound([.. nodes.Values.SelectMany(node => node.Newest?.Reported.Machines.Where(node.Hosts) ?? [])], AreAll: true));
        }
    }

    private OrderNumber Number => new(file.Authority, orders);

    private void PushOrders()
    {
        orders = counter.Next();
        post.Follow(nodes.Values.SelectMany(node => node.Machines.Select(machine => (machine, node)))
            .ToDictionary(pair => pair.machine, pair => new MachinePost.Place(pair.node.Lane, ActorOf(pair.node, pair.machine))));
        foreach (RunNode node in nodes.Values)
        {
            Direct(node);
        }
    }

    private string ActorOf(RunNode node, MachineId machine) =>
        $"{node.Actor.Path.ToStringWithAddress(cluster.SelfAddress)}/{MachineActor.NameOf(machine, node.Lane, live.Id)}";

    private void Direct(RunNode node) => node.Actor.Tell(new DirectNode
    {
        Order = Number,
        Run = live.Id,
        Lane = node.Lane,
        Machines = node.Machines,
        Setup = setup,
        Store = lane,
        Coordinator = coordinator.Path.ToStringWithAddress(cluster.SelfAddress),
        Directory =
        [
            new NodeEntry(lane, wire.Addresses, [MachineId.Coordinator]),
            .. nodes.Values.Where(each => each.Addresses.Count > 0).Select(each => new NodeEntry(each.Lane, each.Addresses, each.Machines)),
        ],
    });

    /// <summary>What a node's servers ask of the store, and its worker of the data; on the lane's thread.</summary>
    /// <exception cref="InvalidDataException">It speaks for machines that it does not have: the lane breaks.</exception>
    private static void Deliver(RunNode node, HostMessage message)
    {
        if (!node.Store.IsRight(message, node.Hosts))
        {
            throw new InvalidDataException($"{node.Name} may not say {message.GetType().Name} of machines or blocks that it does not have");
        }

        switch (message)
        {
            case AskBlocks ask:
                _ = Task.Run(() => node.Store.Load(ask, node.Channel));
                break;
            case ShardPart part:
                node.Store.Take(part);
                break;
            case ShardSent sent:
                node.Channel.Post(node.Store.Collect(sent));
                break;
            case AskData or AskChunk:
                node.Feed.Take(message);
                break;
        }
    }
}
