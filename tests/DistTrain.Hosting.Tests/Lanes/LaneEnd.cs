using System.Collections.Concurrent;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

/// <summary>A node for tests: keeps what happened to it, and lets a test wait for it.</summary>
internal sealed class LaneEnd : ILaneHandler, IDisposable
{
    /// <summary>Far beyond what is waited for; a watchdog.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);


    /// <summary>No ping, no suspicion and nothing dropped, however slow the machine.</summary>
    public static readonly LaneOptions Patient = new()
    {
        KeepAlive = TimeSpan.FromMinutes(10),
        HandshakeMax = TimeSpan.FromHours(1),
        SilenceMax = TimeSpan.FromHours(1),
        StallMax = TimeSpan.FromHours(1),
        HoldMax = TimeSpan.FromHours(1),
    };

    private long messagesSeen;

    public LaneEnd(
        string name, LaneOptions? options = null, LaneSecurity? security = null, LaneIdentity? identity = null, SharedArena? arena = null, InboxWatch? watch = null)
    {
        Node = new LaneNode(
            identity ?? LaneIdentity.Of(name, Run, [MachineId.Worker(1)]), security ?? new LaneSecurity(), options ?? Patient, Pool, this, arena)
        { Watch = watch };
    }

    public static RunIdentity Run { get; } = RunIdentity.Of("job-hash", "data-fingerprint");

    public BlockPool Pool { get; } = new(poison: true);

    public LaneNode Node { get; }

    public BlockingCollection<(MachineId From, MachineId To, Message Message)> Messages { get; } = [];

    public BlockingCollection<(int Channel, byte[] Bytes)> Bytes { get; } = [];

    public BlockingCollection<LanePeer> Connected { get; } = [];

    public BlockingCollection<string> Broken { get; } = [];

    public BlockingCollection<LaneRefusal> Refused { get; } = [];

    public BlockingCollection<string> Unreachable { get; } = [];

    /// <summary>Bytes on this channel are sent back.</summary>
    public const int EchoChannel = 60_000;

    /// <summary>False: messages are decoded, counted and given back.</summary>
    public bool KeepsMessages { get; set; } = true;

    public long MessagesSeen => Interlocked.Read(ref messagesSeen);

    /// <summary>Called before a message is kept.</summary>
    public Action OnEach { get; set; } = static () => { };

    /// <summary>Where floats go; null: anywhere.</summary>
    public Placing Place { get; set; } = static (_, _) => null;

    public delegate BlockBuffer? Placing(ReadOnlySpan<byte> head, int floats);

    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => Place(head, floats);

    public static T Next<T>(BlockingCollection<T> from) =>
        from.TryTake(out T? item, Patience) ? item : throw new TimeoutException($"No {typeof(T).Name} within {Patience.TotalSeconds} s.");

    public void OnConnected(LanePeer peer) => Connected.Add(peer);

    public void OnBroken(LanePeer peer, string reason) => Broken.Add(reason);

    public void OnUnreachable(LanePeer peer, string reason) => Unreachable.Add(reason);

    public void OnRefused(string remote, LaneRefusal refusal) => Refused.Add(refusal);

    public void OnMessage(LanePeer peer, in LaneFrame frame)
    {
        OnEach();
        Message message = frame.Decode();
        Interlocked.Increment(ref messagesSeen);
        if (KeepsMessages)
        {
            Messages.Add((frame.From, frame.To, message));
        }
        else
        {
            message.Payload?.Release();
        }
    }

    public void OnBytes(LanePeer peer, int channel, ReadOnlySpan<byte> bytes)
    {
        if (channel == EchoChannel && peer.Address is null)
        {
            peer.SendBytes(channel, bytes);
        }
        else if (peer.Address is not null || KeepsMessages)
        {
            Bytes.Add((channel, bytes.ToArray()));
        }
    }

    public void Dispose() => Node.Dispose();
}
