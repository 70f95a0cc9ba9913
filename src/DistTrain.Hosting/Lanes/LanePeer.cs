using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// Another node, as this one sees it: what waits for it, and at most one connection. Sending never waits. What can't be sent within
/// <see cref="LaneOptions.HoldMax"/> because the lane is down is dropped: machines say it again.
/// </summary>
public sealed class LanePeer
{
    private readonly LaneOptions options;
    private readonly ILaneHandler handler;
    private readonly LaneQueue queue;
    private readonly Lock serving = new();
    private readonly Action<LanePeer> forget;
    private LaneConnection? connection;
    private LaneSender? sender;
    private ITimer? holding;
    private long downSince;
    private long bytesSent;
    private long bytesReceived;
    private long framesSent;
    private long framesReceived;
    private bool closed;

    // Something was added that should go out at the next flush.
    private bool isDue;

    /// <param name="options">Bounds and times.</param>
    /// <param name="handler">Gets what happens.</param>
    /// <param name="address">Where it is dialed; null: it dials.</param>
    /// <param name="forget">Called when it has been down for so long that nothing waits for it any more.</param>
    internal LanePeer(LaneOptions options, ILaneHandler handler, LaneAddress? address, Action<LanePeer> forget)
    {
        this.forget = forget;
        this.options = options;
        this.handler = handler;
        Address = address;
        queue = new LaneQueue(options);
        downSince = options.Time.GetTimestamp();
    }

    /// <summary>Where this node dials it; null: the other dials.</summary>
    public LaneAddress? Address { get; }

    /// <summary>What the other said of itself last; null: it was never connected.</summary>
    public LaneIdentity? Identity { get; private set; }

    /// <summary>Its node's name; before the first connection the address.</summary>
    public string Name => Identity?.Node ?? Address!.ToString();

    public bool IsConnected => connection is not null;

    /// <summary>Whether floats that lie in shared memory go over to it as a place there.</summary>
    public bool SharesMemory => connection?.SharesMemory ?? false;

    public long BytesSent => bytesSent + (connection?.BytesSent ?? 0);

    public long BytesReceived => bytesReceived + (connection?.BytesReceived ?? 0);

    public long FramesSent => framesSent + (connection?.FramesSent ?? 0);

    public long FramesReceived => framesReceived + (connection?.FramesReceived ?? 0);

    /// <summary>Frames dropped: repeats of what still waited, and what waited too long.</summary>
    public long FramesDropped
    {
        get
        {
            lock (queue.Gate)
            {
                return queue.Dropped;
            }
        }
    }

    /// <summary>Bytes of floats that wait to be written.</summary>
    public long BytesQueued
    {
        get
        {
            lock (queue.Gate)
            {
                return queue.Bytes;
            }
        }
    }

    /// <summary>Of the last ping.</summary>
    public TimeSpan RoundTrip => connection?.RoundTrip ?? TimeSpan.Zero;

    internal bool MayCarryMessages { get; private set; }

    internal bool IsClosed => closed;

    /// <summary>A connection of it stands or is about to.</summary>
    internal bool IsAwaited { get; set; }

    /// <summary>
    /// Sends, or drops, and returns at once. Takes over the sender's reference to the payload, and releases it when the bytes were
    /// written.
    /// </summary>
    public void Send(MachineId from, MachineId to, Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Add(new LaneQueue.Entry(from, to, message, null, 0, options.Time.GetTimestamp()), isUrgent: true);
        Flush(all: false);
    }

    /// <summary>The same for what is one of several: it shares their system call, and wakes the peer once for all of them.</summary>
    /// <param name="from">Sender.</param>
    /// <param name="to">Receiver.</param>
    /// <param name="message">What.</param>
    /// <param name="isUrgent">Goes out at the next <see cref="Flush"/>; else with whatever is sent next.</param>
    public void SendLater(MachineId from, MachineId to, Message message, bool isUrgent)
    {
        ArgumentNullException.ThrowIfNull(message);
        Add(new LaneQueue.Entry(from, to, message, null, 0, options.Time.GetTimestamp()), isUrgent);
    }

    /// <summary>Sends what waits, unless somebody is doing so.</summary>
    /// <param name="all">Also when nothing of it is urgent.</param>
    public void Flush(bool all)
    {
        LaneSender? writer;
        lock (queue.Gate)
        {
            writer = isDue || (all && queue.Frames > 0) ? sender : null;
            isDue = false;
        }

        writer?.Wake();
    }

    /// <summary>Sends bytes of the host's own, which machines don't see; dropped like messages when the lane is down.</summary>
    /// <param name="channel">0 to 65535: what kind, as hosts agree among themselves.</param>
    /// <param name="bytes">Copied; at most <see cref="LaneOptions.HostBytesMax"/>.</param>
    public void SendBytes(int channel, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, options.HostBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)channel, ushort.MaxValue, nameof(channel));
        Add(new LaneQueue.Entry(default, default, null, bytes.ToArray(), channel, options.Time.GetTimestamp()), isUrgent: true);
        Flush(all: false);
    }

    /// <summary>
    /// Ends the connection that stands, if any, after telling the other side why. A dialed lane is not dialed again; who dialed us
    /// may do so again.
    /// </summary>
    public void Close(string reason)
    {
        LaneSender? last;
        lock (queue.Gate)
        {
            closed = true;
            last = sender;
        }

        last?.Close(reason);
    }

    /// <summary>Reads from a connection until it ends, on the caller's thread; an older one is ended first.</summary>
    internal void Serve(LaneConnection next, LaneIdentity self, LaneIdentity identity)
    {
        lock (queue.Gate)
        {
            connection?.Fail($"replaced by a newer connection of {identity.Node}");
        }

        lock (serving)
        {
            Attach(next, self, identity);
            string reason = "a defect of a handler";
            try
            {
                handler.OnConnected(this);
                reason = next.Run();
            }
            finally
            {
                Detach(next, reason);
            }

            handler.OnBroken(this, reason);
        }
    }

    /// <summary>What waited for too long is dropped.</summary>
    internal void DropStale()
    {
        lock (queue.Gate)
        {
            if (connection is null)
            {
                queue.Drop(before: options.Time.GetTimestamp() - (long)(options.HoldMax.TotalSeconds * options.Time.TimestampFrequency));
            }
        }
    }

    internal void DropAll()
    {
        lock (queue.Gate)
        {
            closed = true;
            queue.Drop();
        }
    }

    private void Add(LaneQueue.Entry entry, bool isUrgent)
    {
        bool taken, down;
        lock (queue.Gate)
        {
            down = closed || (connection is null && options.Time.GetElapsedTime(downSince) > options.HoldMax);
            taken = !down && queue.TryAdd(entry);
            isDue |= taken && isUrgent;
            if (!taken)
            {
                queue.CountDropped();
            }
        }

        if (taken)
        {
            return;
        }

        entry.Release();
        if (!down)
        {
            GiveUp();
        }
    }

    /// <summary>The bounds are reached: the peer does not read, or far too little. What waits is of no use any more.</summary>
    private void GiveUp()
    {
        LaneConnection? standing;
        long bytes;
        int frames;
        lock (queue.Gate)
        {
            (standing, bytes, frames) = (connection, queue.Bytes, queue.Frames);
            queue.Drop();
        }

        standing?.Fail($"the peer does not keep up: {bytes} bytes in {frames} frames waited for it");
    }

    private void Attach(LaneConnection next, LaneIdentity self, LaneIdentity identity)
    {
        lock (queue.Gate)
        {
            Identity = identity;
            MayCarryMessages = self.KnowsRun && identity.KnowsRun;
            holding?.Dispose();
            holding = null;
            closed &= Address is not null;
            (connection, IsAwaited) = (next, true);
            sender = next.Begin(this, queue, handler);
        }

        sender.Wake();
    }

    private void Detach(LaneConnection ended, string reason)
    {
        LaneSender last;
        lock (queue.Gate)
        {
            last = sender!;
            (connection, sender, IsAwaited) = (null, null, false);
            downSince = options.Time.GetTimestamp();
            bytesSent += ended.BytesSent;
            bytesReceived += ended.BytesReceived;
            framesSent += ended.FramesSent;
            framesReceived += ended.FramesReceived;
            holding = options.Time.CreateTimer(_ => OnHeldLong(), null, options.HoldMax + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }

        ended.Fail(reason);
        last.Dispose();
    }

    private void OnHeldLong()
    {
        DropStale();
        forget(this);
    }
}
