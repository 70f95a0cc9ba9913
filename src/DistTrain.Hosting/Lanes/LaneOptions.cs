using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Bounds and times of a node's lanes, each with its reason.</summary>
public sealed record LaneOptions
{
    /// <summary>A side that has sent nothing for so long sends a ping; also how often a waiting lane looks at the clock.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A peer that has sent nothing for so long is suspected: the lane breaks. Ten lost pings; below the protocol's own deadlines.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A peer that takes no byte for so long, with bytes waiting, does not read: the lane breaks.</summary>
    public TimeSpan StallMax { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>From the connection's first byte to the end of the handshake, TLS included: a slow one must not hold a place.</summary>
    public TimeSpan HandshakeMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First pause before a lane is dialed again; doubles up to <see cref="ReconnectMax"/>.</summary>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause before a lane is dialed again.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What is sent while a lane is down waits so long for it to come back and is dropped then: machines have said it again by then.</summary>
    public TimeSpan HoldMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Lanes that stand, accepted and dialed. Each has two threads and 32 KiB of buffers, 132 more with TLS.</summary>
    public int ConnectionsMax { get; init; } = 256;

    /// <summary>Handshakes under way at a listener; one more ends the oldest, since an honest one takes milliseconds.</summary>
    public int HalfOpenMax { get; init; } = 32;

    /// <summary>
    /// Bytes of tensors that wait for one peer; beyond it the lane breaks, since the peer does not keep up with what the protocol
    /// allows to be under way (a worker's pushes of two steps; a version or two for each subscriber). They are references to buffers
    /// that are mostly held anyway.
    /// </summary>
    public long QueuedBytesMax { get; init; } = 1L << 30;

    /// <summary>Frames that wait for one peer; likewise.</summary>
    public int QueuedFramesMax { get; init; } = 1 << 17;

    /// <summary>Bytes of the largest float run: a moved block with its weights twice and all slots.</summary>
    public int RunBytesMax { get; init; } = (2 + ProtocolLimits.SlotsMax) * ProtocolLimits.BlockFloatsMax * sizeof(float);

    /// <summary>Bytes of the largest head: orders that name a million blocks.</summary>
    public int HeadBytesMax { get; init; } = 32 << 20;

    /// <summary>Bytes of the largest frame of the host's own (<see cref="LanePeer.SendBytes"/>): not cut into pieces, so control frames wait behind one.</summary>
    public int HostBytesMax { get; init; } = 256 * 1024;

    /// <summary>
    /// A run is cut into pieces of about so many bytes (over TCP what fills whole segments, a small rest goes along with the last), and
    /// control frames go in between: on a link of 100 Mbit/s one takes 10 ms.
    /// </summary>
    public int PieceBytes { get; init; } = 128 * 1024;

    /// <summary>Bytes that lie unsent in a TCP socket, at most: control frames wait behind them. What is on its way is the kernel's business.</summary>
    public int SocketBytesMax { get; init; } = 512 * 1024;

    /// <summary>
    /// Send buffer asked for at a Unix socket, of which the kernel gives net.core.wmem_max. It drains at the speed of memory, so control
    /// frames hardly wait behind it; with less, writer and reader take turns in place of working at once (512 KiB: a sixth slower).
    /// </summary>
    public int UnixBufferBytes { get; init; } = 2 << 20;

    /// <summary>Clock of connects, holds and pings.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
