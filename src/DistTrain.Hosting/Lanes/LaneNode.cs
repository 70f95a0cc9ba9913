using System.Collections.Concurrent;
using System.Net.Sockets;
using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// A process as others reach it: its doors, the peers it dials and those that dialed it. Of two nodes one dials the other (agree on
/// which, by name for instance): a second connection of the same node replaces the first.
/// </summary>
/// <param name="identity">What it says of itself.</param>
/// <param name="security">Who may connect.</param>
/// <param name="options">Bounds and times.</param>
/// <param name="pool">Where received floats are rented.</param>
/// <param name="handler">Gets everything that happens.</param>
/// <param name="arena">Where blocks lie that processes of this host may map; null: nowhere.</param>
public sealed class LaneNode(
    LaneIdentity identity, LaneSecurity security, LaneOptions options, BlockPool pool, ILaneHandler handler, SharedArena? arena = null) : IDisposable
{
    /// <summary>Machines run on lane threads, compute doesn't.</summary>
    internal const int StackBytes = 1 << 20;

    private readonly ConcurrentDictionary<string, LanePeer> peers = new();
    private readonly ConcurrentDictionary<LanePeer, LaneDialer> dialers = new();
    private readonly Lock gate = new();
    private readonly List<LaneListener> listeners = [];
    private readonly List<LaneConnection> halfOpen = [];
    private int standing;
    private volatile bool closed;

    /// <summary>Threads of this node that look into shared memory by themselves; null: none does, and only lanes' own threads call the handler.</summary>
    internal InboxWatch? Watch { get; init; }

    /// <summary>What handshakes from now on say.</summary>
    public LaneIdentity Identity { get; set; } = identity;

    /// <summary>Peers that are connected, or were a moment ago, or are dialed.</summary>
    public IEnumerable<LanePeer> Peers => peers.Values.Concat(dialers.Keys).Distinct();

    /// <summary>The connected peer of that name, or null.</summary>
    public LanePeer? Find(string node) => Peers.FirstOrDefault(peer => peer.IsConnected && peer.Name == node);

    /// <summary>Opens a door.</summary>
    /// <exception cref="UserError">The address can't be listened at, or is open to strangers.</exception>
    public LaneListener Listen(LaneAddress address)
    {
        security.MustAllow(address);
        ObjectDisposedException.ThrowIf(closed, this);
        var listener = new LaneListener(this, address);
        lock (listeners)
        {
            listeners.Add(listener);
        }

        return listener;
    }

    /// <summary>Connects to a node, and again whenever the lane breaks, until the peer is closed or refuses for good.</summary>
    /// <exception cref="UserError">The address may not be dialed without TLS.</exception>
    public LanePeer Dial(LaneAddress address)
    {
        security.MustAllow(address);
        ObjectDisposedException.ThrowIf(closed, this);
        var peer = new LanePeer(options, handler, address, static _ => { });
        var dialer = new LaneDialer(this, peer, options, handler);
        dialers[peer] = dialer;
        dialer.Start();
        return peer;
    }

    /// <summary>Closes the doors and tells all peers; returns at once.</summary>
    public void Dispose()
    {
        closed = true;
        lock (listeners)
        {
            listeners.ForEach(listener => listener.Dispose());
        }

        foreach (LanePeer peer in Peers)
        {
            peer.Close($"{Identity.Node} ends");
            peer.DropAll();
        }

        foreach (LaneDialer dialer in dialers.Values)
        {
            dialer.Dispose();
        }

        lock (halfOpen)
        {
            halfOpen.ForEach(connection => connection.Fail("the node ends"));
        }
    }

    /// <summary>Somebody came through a door: shakes hands on a thread of his own.</summary>
    internal void Enter(Socket socket)
    {
        var connection = new LaneConnection(LaneSockets.WireOf(socket, options, security), options, pool, arena, Watch);
        lock (halfOpen)
        {
            if (halfOpen.Count >= options.HalfOpenMax)
            {
                halfOpen[0].Fail("too many handshakes at once");
                halfOpen.RemoveAt(0);
            }

            halfOpen.Add(connection);
        }

        new Thread(() => Welcome(connection, LaneSockets.Remote(socket)), StackBytes) { IsBackground = true, Name = "lane" }.Start();
    }

    /// <summary>Connects and shakes hands; serves until the connection ends.</summary>
    /// <exception cref="LaneRefusedException">One side refused.</exception>
    /// <exception cref="IOException">Nobody answered, or not as a node does.</exception>
    internal void Visit(LanePeer peer, CancellationToken cancel)
    {
        using var connection = new LaneConnection(LaneSockets.WireOf(LaneSockets.Connect(peer.Address!, cancel), options, security), options, pool, arena, Watch);
        using CancellationTokenRegistration stop = cancel.Register(() => connection.Fail("the node ends"));
        LaneIdentity self = Identity;
        try
        {
            LaneIdentity other = connection.Dial(self, security, peer.Address!);
            peer.Serve(connection, self, other);
        }
        finally
        {
            connection.Linger();
        }
    }

    internal void Forget(LanePeer peer) => dialers.TryRemove(peer, out _);

    private void Welcome(LaneConnection connection, string remote)
    {
        bool admitted = false;
        try
        {
            LaneIdentity self = Identity;
            LaneIdentity other = Greet(connection, self, identity => Admit(identity, ref admitted));
            PeerOf(other.Node).Serve(connection, self, other);
        }
        catch (LaneRefusedException e)
        {
            handler.OnRefused(remote, e.Refusal);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            handler.OnRefused(remote, new LaneRefusal(LaneRefusalReason.Handshake, connection.ReasonOr(e.Message)));
        }
        catch (Exception e)
        {
            // A stranger must not be able to end the process by what he sends.
            handler.OnRefused(remote, new LaneRefusal(LaneRefusalReason.Handshake, $"a defect of disttrain: {e}"));
        }

        connection.Linger();
        connection.Dispose();
        if (admitted)
        {
            Interlocked.Decrement(ref standing);
        }
    }

    /// <summary>The handshake, counted as half open until it is over.</summary>
    private LaneIdentity Greet(LaneConnection connection, LaneIdentity self, Func<LaneIdentity, LaneRefusal?> admit)
    {
        try
        {
            return connection.Accept(self, security, admit);
        }
        finally
        {
            lock (halfOpen)
            {
                halfOpen.Remove(connection);
            }
        }
    }

    /// <summary>What is down for long is forgotten, so that a peer has to be looked up and marked as awaited in one go.</summary>
    private LanePeer PeerOf(string name)
    {
        lock (gate)
        {
            if (!peers.TryGetValue(name, out LanePeer? peer))
            {
                peers[name] = peer = new LanePeer(options, handler, null, ForgetIfDown);
            }

            peer.IsAwaited = true;
            return peer;
        }
    }

    private void ForgetIfDown(LanePeer peer)
    {
        lock (gate)
        {
            if (!peer.IsAwaited)
            {
                peers.TryRemove(KeyValuePair.Create(peer.Name, peer));
            }
        }
    }

    private LaneRefusal? Admit(LaneIdentity other, ref bool admitted)
    {
        if (closed)
        {
            return new LaneRefusal(LaneRefusalReason.Closing, $"{Identity.Node} ends");
        }

        if (handler.Admit(other) is { } objection)
        {
            return objection;
        }

        if (Interlocked.Increment(ref standing) <= options.ConnectionsMax)
        {
            admitted = true;
            return null;
        }

        Interlocked.Decrement(ref standing);
        return new LaneRefusal(LaneRefusalReason.Crowded, $"{Identity.Node} has {options.ConnectionsMax} lanes, as many as it may have; {other.Node} has to wait");
    }
}
