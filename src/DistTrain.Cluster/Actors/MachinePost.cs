using System.Collections.Concurrent;
using Akka.Actor;
using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <summary>
/// The ways of machines' messages, for the machines of one process. What the coordinator says and is told goes through Akka; what servers and
/// workers say to each other, floats above all, goes over lanes; within the process it is handed over. Any thread may call it.
/// </summary>
/// <param name="system">Whose actors are meant.</param>
internal sealed class MachinePost(ActorSystem system)
{
    private readonly ConcurrentDictionary<string, IActorRef> elsewhere = [];
    private readonly ConcurrentDictionary<MachineId, IActorRef> here = [];
    private volatile INodeWire? wire;
    private volatile IReadOnlyDictionary<MachineId, Place> places = new Dictionary<MachineId, Place>();

    /// <summary>Where a machine lives.</summary>
    /// <param name="Lane">Number of its node.</param>
    /// <param name="Actor">Path of its actor.</param>
    internal readonly record struct Place(int Lane, string Actor);

    public void Use(INodeWire? lanes) => wire = lanes;

    public void Follow(IReadOnlyDictionary<MachineId, Place> directory) => places = directory;

    public void Add(MachineId machine, IActorRef actor) => here[machine] = actor;

    public void Remove(MachineId machine) => here.TryRemove(machine, out _);

    public void Clear()
    {
        here.Clear();
        elsewhere.Clear();
        places = new Dictionary<MachineId, Place>();
    }

    /// <summary>Tells a machine of this process something; false, and the buffers released, when it is not here.</summary>
    public bool Deliver(MachineId to, Input input, BlockBuffer? first = null, BlockBuffer? second = null)
    {
        if (here.TryGetValue(to, out IActorRef? actor))
        {
            actor.Tell(new MachineActor.Delivery(input, first, second), ActorRefs.NoSender);
            return true;
        }

        first?.Release();
        second?.Release();
        return false;
    }

    /// <summary>Sends what waits for the lanes.</summary>
    /// <param name="all">Also what may wait for something else to be sent.</param>
    public void Flush(bool all) => wire?.Flush(all);

    /// <summary>Performs a send; its reference to the payload goes on.</summary>
    public void Send(MachineId from, Send send)
    {
        if (here.ContainsKey(send.To))
        {
            Deliver(send.To, new MessageArrived(from, send.Message), send.Message.Payload);
        }
        else if (!places.TryGetValue(send.To, out Place place))
        {
            send.Release();
        }
        else if (from.Role == MachineRole.Coordinator || send.To.Role == MachineRole.Coordinator)
        {
            ActorAt(place.Actor).Tell(new MachineMail(from, send.To, send.Message), ActorRefs.NoSender);
            send.Release();
        }
        else if (wire is { } lanes)
        {
            lanes.Send(place.Lane, from, send.To, send.Message);
        }
        else
        {
            send.Release();
        }
    }

    /// <summary>A path of this process is looked up each time: it means whoever is there now, and the actor may come later.</summary>
    private IActorRef ActorAt(string path)
    {
        if (elsewhere.TryGetValue(path, out IActorRef? known))
        {
            return known;
        }

        IActorRef found = ((ExtendedActorSystem)system).Provider.ResolveActorRef(path);
        if (found is IInternalActorRef { IsLocal: false })
        {
            elsewhere[path] = found;
        }

        return found;
    }
}
