using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// A node's wire made of lanes: one for each pair of nodes, dialed by the one that is newer, so that a lane is dialed when the directory
/// has told its address. What is said to a node whose lane does not stand yet waits a moment for it.
/// </summary>
internal sealed class LaneNetwork : INodeWire, ILaneHandler
{
    /// <summary>Channel of host packets.</summary>
    private const int HostChannelNumber = 1;

    /// <summary>Channel of questions and answers.</summary>
    public const int ControlChannelNumber = 2;

    /// <summary>What waits for a node that has not dialed yet: more than machines say to each other before they hear an answer.</summary>
    private const int EarlyMax = 4096;

    private readonly NodeName name;
    private readonly INodeReceiver receiver;
    private readonly LaneNode lanes;
    private readonly SharedArena? arena;
    private readonly BlockPool pool = new();
    private readonly RefusalLog refusals;
    private readonly Lock gate = new();
    private readonly Dictionary<int, LanePeer> peers = [];
    private readonly Dictionary<int, Queue<Early>> early = [];
    private readonly HashSet<int> gone = [];
    private volatile LanePeer[] reached = [];

    /// <param name="name">This node's.</param>
    /// <param name="listen">Where it listens, best first.</param>
    /// <param name="security">Who may connect.</param>
    /// <param name="receiver">Gets what comes in.</param>
    /// <param name="log">Gets a line for a handshake that failed by decision of a side, with the other's address.</param>
    /// <param name="arena">Where blocks lie that nodes of this host may map; null: nowhere.</param>
    public LaneNetwork(
        NodeName name, IReadOnlyList<LaneAddress> listen, LaneSecurity security, INodeReceiver receiver, Action<string> log, SharedArena? arena = null)
    {
        this.name = name;
        this.receiver = receiver;
        this.arena = arena;
        refusals = new RefusalLog(log);
        Watch = arena is null ? null : new InboxWatch();
        lanes = new LaneNode(LaneIdentity.Guest($"{name}"), security, new LaneOptions(), pool, this, arena) { Watch = Watch };
        try
        {
            Addresses = [.. listen.Select(address => lanes.Listen(address).Address.ToString())];
        }
        catch
        {
            lanes.Dispose();
            throw;
        }
    }

    public IReadOnlyList<string> Addresses { get; }

    public IBlockMemory? Memory => arena;

    public InboxWatch? Watch { get; }

    public (long Sent, long Received) Bytes
    {
        get
        {
            (long sent, long received) = (0, 0);
            foreach (LanePeer peer in lanes.Peers)
            {
                (sent, received) = (sent + peer.BytesSent, received + peer.BytesReceived);
            }

            return (sent, received);
        }
    }

    public void Enter(RunIdentity run) => lanes.Identity = LaneIdentity.Of($"{name}", run, []);

    public void Reach(int other, IReadOnlyList<string> addresses)
    {
        lock (gate)
        {
            if (other < name.Number && addresses.Count > 0 && !peers.ContainsKey(other) && !gone.Contains(other))
            {
                LaneAddress[] known = [.. addresses.Select(address => LaneAddress.Parse("directory", address))];

                // A socket file of another host, or of another user, is not there.
                peers[other] = lanes.Dial(Array.Find(known, address => !address.IsUnix || File.Exists(address.Path)) ?? known[0]);
                reached = [.. peers.Values];
            }
        }
    }

    public void Forget(int other)
    {
        LanePeer? peer;
        lock (gate)
        {
            gone.Add(other);
            peers.Remove(other, out peer);
            reached = [.. peers.Values];
            if (early.Remove(other, out Queue<Early>? waiting))
            {
                foreach (Early entry in waiting)
                {
                    entry.Message?.Payload?.Release();
                }
            }
        }

        peer?.Close("gone");
    }

    public void Send(int other, MachineId from, MachineId to, Message message)
    {
        if (PeerFor(other, new Early(from, to, message, null)) is { } peer)
        {
            // A push that was accepted and not applied: the worker has nothing to do with that yet.
            peer.SendLater(from, to, Packed(message, peer), isUrgent: message is not GradientAccepted);
        }
    }

    public void Flush(bool all)
    {
        foreach (LanePeer peer in reached)
        {
            peer.Flush(all);
        }
    }

    public void Send(int other, byte[] packet) =>
        PeerFor(other, new Early(default, default, null, packet))?.SendBytes(HostChannelNumber, packet);

    public void OnConnected(LanePeer peer)
    {
        if (NumberOf(peer) is not { } other)
        {
            // Somebody who only asks.
            return;
        }

        Queue<Early>? waiting;
        lock (gate)
        {
            peers[other] = peer;
            reached = [.. peers.Values];
            early.Remove(other, out waiting);
        }

        foreach (Early entry in waiting ?? [])
        {
            if (entry.Message is { } message)
            {
                peer.Send(entry.From, entry.To, Packed(message, peer));
            }
            else
            {
                peer.SendBytes(HostChannelNumber, entry.Packet);
            }
        }

        receiver.Suspect(other, null);
    }

    public void OnBroken(LanePeer peer, string reason)
    {
        if (NumberOf(peer) is { } other)
        {
            receiver.Suspect(other, reason);
        }
    }

    public void OnUnreachable(LanePeer peer, string reason)
    {
        // It is dialed again; what lasts is the coordinator's and the launcher's to notice.
    }

    /// <summary>Whether a lane to that node stands.</summary>
    public bool IsConnected(int other)
    {
        lock (gate)
        {
            return peers.TryGetValue(other, out LanePeer? peer) && peer.IsConnected;
        }
    }

    public LaneRefusal? Admit(LaneIdentity identity)
    {
        if (NodeName.Parse(identity.Node) is not { } other)
        {
            return null;
        }

        if (other.Run != name.Run)
        {
            return new LaneRefusal(LaneRefusalReason.Job, $"{other} is a node of another run than {name}");
        }

        lock (gate)
        {
            return gone.Contains(other.Number)
                ? new LaneRefusal(LaneRefusalReason.Node, $"{other} has no part in the run any more: it was taken for lost, or has left; it may join again")
                : null;
        }
    }

    public void OnRefused(string remote, LaneRefusal refusal)
    {
        refusals.Add(remote, refusal);
        int? other;
        lock (gate)
        {
            other = refusal.IsTemporary ? null : peers.Where(pair => pair.Value.Address?.ToString() == remote).Select(pair => (int?)pair.Key).FirstOrDefault();
        }

        if (other is { } refusing)
        {
            receiver.Refused(refusing);
        }
    }

    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => receiver.Rent(head, floats);

    public void OnMessage(LanePeer peer, in LaneFrame frame)
    {
        Message message = GradientRows.Unpack(frame.Decode(), pool);
        receiver.Receive(NumberOf(peer) ?? -1, frame.From, frame.To, message);
    }

    public void OnBytes(LanePeer peer, int channel, ReadOnlySpan<byte> bytes)
    {
        if (channel == HostChannelNumber && NumberOf(peer) is { } other)
        {
            receiver.Receive(other, bytes);
        }
        else if (channel == ControlChannelNumber && receiver.Answer(bytes) is { } answer)
        {
            peer.SendBytes(ControlChannelNumber, answer);
        }
    }

    public void Dispose() => lanes.Dispose();

    /// <summary>Null: somebody who only asks.</summary>
    private static int? NumberOf(LanePeer peer) => NodeName.Parse(peer.Identity!.Node)?.Number;

    /// <summary>As it travels: floats that go over as a place in shared memory are not packed, which would be their only copy.</summary>
    private Message Packed(Message message, LanePeer peer) =>
        peer.SharesMemory && message.Payload is { } floats && SharedArena.TryFind(floats, out _, out _) ? message : GradientRows.Pack(message, pool);

    /// <summary>The peer, or null when what was to be sent waits for it or is lost.</summary>
    private LanePeer? PeerFor(int other, Early entry)
    {
        lock (gate)
        {
            if (peers.TryGetValue(other, out LanePeer? peer))
            {
                return peer;
            }

            if (!gone.Contains(other))
            {
                if (!early.TryGetValue(other, out Queue<Early>? waiting))
                {
                    early[other] = waiting = new Queue<Early>();
                }

                if (waiting.Count < EarlyMax)
                {
                    waiting.Enqueue(entry);
                    return null;
                }
            }
        }

        entry.Message?.Payload?.Release();
        return null;
    }

    private readonly record struct Early(MachineId From, MachineId To, Message? Message, byte[]? Packet);
}
