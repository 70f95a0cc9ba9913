using System.Security.Cryptography.X509Certificates;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// One connection from its handshake to its end, on the lane's thread. A peer that is silent for too long, sends what is no frame, or
/// takes no bytes ends it; nothing else does.
/// </summary>
internal sealed partial class LaneConnection : ILaneFrames, IDisposable
{
    /// <summary>Bytes of the head of a message with floats: numbers and at most 65 statistics.</summary>
    public const int RunHeadBytesMax = 1024;

    /// <summary>Floats up to here travel with control frames: cutting them out would cost more than they do.</summary>
    public const int ControlBytesMax = 4 * 1024;

    /// <summary>Bytes that are read and thrown away at the end, so that the peer gets to read why.</summary>
    private const int LingerBytesMax = 1 << 20;

    /// <summary>First byte of all that a TLS client says first (RFC 8446, section 5.1).</summary>
    private const byte TlsHandshakeRecord = 22;

    /// <summary>What a listener at a Unix socket is certified as.</summary>
    private const string LocalHost = "localhost";

    private readonly LaneWire wire;
    private readonly LaneOptions options;
    private readonly BlockPool pool;
    private readonly SharedArena? arena;
    private readonly InboxWatch? watch;
    private readonly LaneReader reader;
    private LanePeer? peer;
    private LaneSender? sender;
    private ILaneHandler? handler;
    private TimeSpan patience;
    private long lastReceived;
    private long lastPing;
    private volatile string? failure;

    public LaneConnection(LaneWire wire, LaneOptions options, BlockPool pool, SharedArena? arena, InboxWatch? watch)
    {
        this.arena = arena;
        this.watch = watch;
        this.wire = wire;
        this.options = options;
        this.pool = pool;
        reader = new LaneReader(wire, options, OnRead);
        wire.OnWaiting = CheckTime;
        wire.PollMilliseconds = (int)Math.Clamp(options.KeepAlive.TotalMilliseconds / 2, 1, 1000);
        patience = options.HandshakeMax;
        lastReceived = options.Time.GetTimestamp();
    }

    /// <summary>Those handed over in shared memory included.</summary>
    public long BytesSent => (sender?.BytesSent ?? 0) + (shared?.BytesHanded ?? 0);

    public long BytesReceived => reader.BytesReceived + Interlocked.Read(ref sharedBytes) + (shared?.BytesTaken ?? 0);

    /// <inheritdoc cref="LanePeer.SharesMemory"/>
    public bool SharesMemory => shared?.IsTaken ?? false;

    public long FramesSent => sender?.FramesSent ?? 0;

    public long FramesReceived => reader.FramesReceived + Interlocked.Read(ref sharedFrames);

    public TimeSpan RoundTrip { get; private set; }

    /// <summary>The dialer's handshakes, of TLS and of the lane, under <see cref="LaneOptions.HandshakeMax"/> together.</summary>
    /// <exception cref="LaneRefusedException">One side refused.</exception>
    public LaneIdentity Dial(LaneIdentity self, LaneSecurity security, LaneAddress address) =>
        new LaneHandshake(wire, reader, self, security).Dial(ShakeTls(security, address.Host ?? LocalHost));

    /// <summary>The listener's handshakes, likewise.</summary>
    /// <exception cref="LaneRefusedException">One side refused.</exception>
    public LaneIdentity Accept(LaneIdentity self, LaneSecurity security, Func<LaneIdentity, LaneRefusal?> admit)
    {
        if (OtherEncryption(self, wire.Peek()) is { } refusal)
        {
            // A dialer without TLS can read this; one with TLS can't, and tells its user that there is none.
            new LaneHandshake(wire.InTheClear(), reader, self, security).Refuse(refusal);
        }

        return new LaneHandshake(wire, reader, self, security).Accept(ShakeTls(security, null), admit);
    }

    /// <summary>Makes the connection the peer's own; from here on it may be written to.</summary>
    public LaneSender Begin(LanePeer owner, LaneQueue queue, ILaneHandler to)
    {
        (peer, handler, patience) = (owner, to, options.SilenceMax);
        lastReceived = options.Time.GetTimestamp();
        reader.TakesMessages = owner.MayCarryMessages;
        sender = new LaneSender(wire, queue, options, Fail);
        if (wire.IsLocal && owner.MayCarryMessages)
        {
            shared = new SharedLane(arena);
            sender.Share(shared);
            if (shared.Offer() is { } offer)
            {
                sender.Add(FrameKind.Offer, offer);
            }
        }

        new Thread(sender.RunWriter, maxStackSize: LaneNode.StackBytes) { IsBackground = true, Name = "lane writer" }.Start();
        return sender;
    }

    /// <summary>Reads until the end; returns why it came.</summary>
    public string Run()
    {
        try
        {
            reader.Run(this);
            return "ended";
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            return ReasonOr(e.Message);
        }
        catch (Exception e)
        {
            // A defect, of a handler or of ours. A peer must not be able to end the process by what it sends.
            return $"a defect of disttrain: {e}";
        }
        finally
        {
            EndSharing();
        }
    }

    /// <summary>Ends the connection from another thread.</summary>
    public void Fail(string reason)
    {
        failure ??= reason;
        wire.Shutdown();
    }

    /// <summary>What ended the connection: the decision of this side before what a read or write met with.</summary>
    public string ReasonOr(string met) => failure ?? met;

    /// <summary>Lets the peer read what was sent last, then ends.</summary>
    public void Linger()
    {
        try
        {
            wire.EndWriting();
            Span<byte> rest = stackalloc byte[4096];
            for (int left = LingerBytesMax; left > 0;)
            {
                left -= wire.ReadUndecoded(rest);
                CheckTime();
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            // The end that was waited for.
        }
    }

    public void Dispose() => wire.Dispose();

    BlockBuffer ILaneFrames.Rent(ReadOnlySpan<byte> head, int floats) =>
        (peer!.MayCarryMessages ? handler!.Rent(head, floats) : null) ?? pool.Rent(floats);

    void ILaneFrames.OnMessage(ReadOnlySpan<byte> head, BlockBuffer? run)
    {
        LaneFrame frame;
        try
        {
            frame = new LaneFrame(head, run);
        }
        catch (InvalidDataException)
        {
            run?.Release();
            throw;
        }

        handler!.OnMessage(peer!, frame);
    }

    void ILaneFrames.OnBytes(int channel, ReadOnlySpan<byte> bytes) => handler!.OnBytes(peer!, channel, bytes);

    void ILaneFrames.OnPing(bool answer, long token)
    {
        if (!answer)
        {
            sender!.Pong(token);
        }
        else if (token == lastPing)
        {
            RoundTrip = options.Time.GetElapsedTime(token);
        }
    }

    /// <param name="self">This node.</param>
    /// <param name="first">Byte that a dialer said first.</param>
    private LaneRefusal? OtherEncryption(LaneIdentity self, byte first) => (wire is TlsWire, first) switch
    {
        (false, TlsHandshakeRecord) => new LaneRefusal(LaneRefusalReason.Encryption, $"{self.Node} listens without TLS, and the other side speaks it"),
        (true, (byte)FrameKind.Greeting) => new LaneRefusal(LaneRefusalReason.Encryption, $"{self.Node} wants TLS (--tls-ca, --tls-cert, --tls-key), and the other side speaks none"),
        _ => null,
    };

    /// <summary>Why the peer's certificate is refused; null: it is not, or there is no TLS.</summary>
    private LaneRefusal? ShakeTls(LaneSecurity security, string? dialedHost)
    {
        if (wire is not TlsWire encrypted)
        {
            return null;
        }

        using X509Certificate2? shown = encrypted.Shake(security.Tls!, dialedHost);
        return security.Tls!.Refusal(shown, dialedHost);
    }

    private void OnRead()
    {
        if (peer is null)
        {
            // In the handshake bytes buy no time: a slow one must not hold a place.
            CheckTime();
            return;
        }

        lastReceived = options.Time.GetTimestamp();
        PingIfDue(lastReceived);
    }

    private void CheckTime()
    {
        long now = options.Time.GetTimestamp();
        if (options.Time.GetElapsedTime(lastReceived, now) > patience)
        {
            throw new IOException(peer is null
                ? $"the handshake took longer than {patience.TotalSeconds:0.#} s"
                : $"nothing was heard for {patience.TotalSeconds:0.#} s");
        }

        PingIfDue(now);
    }

    private void PingIfDue(long now)
    {
        if (sender is not null && options.Time.GetElapsedTime(Math.Max(sender.LastSent, lastPing), now) > options.KeepAlive)
        {
            lastPing = now;
            sender.Ping(now);
        }
    }
}
