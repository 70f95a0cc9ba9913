using System.Collections.Concurrent;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

/// <summary>A node for tests: keeps what happened to it, and lets a test wait for it.</summary>
internal sealed class LaneEnd : ILaneHandler, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly BlockingCollection<string> log = [];

    public LaneEnd(string name, LaneOptions? options = null, LaneSecurity? security = null, LaneIdentity? identity = null)
    {
        Node = new LaneNode(
            identity ?? LaneIdentity.Of(name, Run, [MachineId.Worker(1)]), security ?? new LaneSecurity(), options ?? new LaneOptions(), Pool, this);
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

    /// <summary>Called before a message is kept.</summary>
    public Action OnEach { get; set; } = static () => { };

    public static T Next<T>(BlockingCollection<T> from) =>
        from.TryTake(out T? item, Patience) ? item : throw new TimeoutException($"No {typeof(T).Name} within {Patience.TotalSeconds} s.");

    public void OnConnected(LanePeer peer) => Connected.Add(peer);

    public void OnBroken(LanePeer peer, string reason) => Broken.Add(reason);

    public void OnUnreachable(LanePeer peer, string reason) => Unreachable.Add(reason);

    public void OnRefused(string remote, LaneRefusal refusal) => Refused.Add(refusal);

    public void OnMessage(LanePeer peer, in LaneFrame frame)
    {
        OnEach();
        Messages.Add((frame.From, frame.To, frame.Decode()));
    }

    public void OnBytes(LanePeer peer, int channel, ReadOnlySpan<byte> bytes) => Bytes.Add((channel, bytes.ToArray()));

    public void Dispose() => Node.Dispose();
}
