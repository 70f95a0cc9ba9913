using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;
using DistTrain.Hosting;
using Google.Protobuf;

namespace DistTrain.Cluster;

/// <summary>
/// A connection of <see cref="TlsTransport"/>: frames of four bytes of length, the lowest first, and a payload. The first frame of each side
/// is its verdict on the other's certificate, in words; an empty one means welcome. A thread reads and another one writes, so that neither
/// waits for .NET's thread pool.
/// </summary>
internal sealed class TlsAssociation : AssociationHandle
{
    /// <summary>Of the threads, address space rather than memory: judging a certificate is the deepest that they do.</summary>
    public const int StackBytes = 1 << 20;

    /// <summary>For how long a peer may take nothing of what is sent to it.</summary>
    private const int SendMilliseconds = 30_000;

    /// <summary>A verdict is a sentence.</summary>
    private const int VerdictBytesMax = 4096;

    /// <summary>What waits to be written; beyond it Akka.NET is told to wait, and asks again.</summary>
    private const int WaitingBytesMax = 64 << 20;

    /// <summary>What is gathered into one record or more before it is encrypted.</summary>
    private const int GatherBytes = 64 * 1024;

    private readonly Socket socket;
    private readonly SslStream tls;
    private readonly int frameMax;
    private readonly ILoggingAdapter log;
    private readonly object gate = new();
    private readonly Queue<ByteString> waiting = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long waitingBytes;
    private bool closing;

    private TlsAssociation(Socket socket, SslStream tls, Address local, Address remote, int frameMax, ILoggingAdapter log)
        : base(local, remote)
    {
        (this.socket, this.tls, this.frameMax, this.log) = (socket, tls, frameMax, log);
        new Thread(Write, StackBytes) { IsBackground = true, Name = "akka-tls-write" }.Start();
    }

    /// <summary>Shakes hands and exchanges verdicts, on the caller's thread.</summary>
    /// <param name="socket">Connected; the association's from now on.</param>
    /// <param name="with">This node's certificate, and whose others count.</param>
    /// <param name="dialed">Name or address that was dialed; null: this side listens.</param>
    /// <param name="within">All of it takes no longer.</param>
    /// <param name="local">This node.</param>
    /// <param name="remote">The other one, as far as it is known.</param>
    /// <param name="frameMax">Bytes of a frame at most.</param>
    /// <param name="log">Told why it ends.</param>
    /// <exception cref="IOException">One of the two refuses the other, or it does not speak this.</exception>
    public static TlsAssociation Shake(Socket socket, LaneTls with, string? dialed, TimeSpan within, Address local, Address remote, int frameMax, ILoggingAdapter log)
    {
        socket.NoDelay = true;
        socket.SendTimeout = SendMilliseconds;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        using var watchdog = new Timer(_ => socket.Dispose(), null, within, Timeout.InfiniteTimeSpan);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            if (dialed is null)
            {
                tls.AuthenticateAsServer(with.ForListener());
            }
            else
            {
                tls.AuthenticateAsClient(with.ForDialer(dialed));
            }

            LaneRefusal? mine = with.Refusal(tls.RemoteCertificate as X509Certificate2, dialed);
            byte[] verdict = Encoding.UTF8.GetBytes(mine?.Text ?? "");
            WriteFrame(tls, verdict);
            string theirs = Encoding.UTF8.GetString(ReadFrame(tls, VerdictBytesMax));
            return mine is not null ? throw new IOException($"{remote} is refused: {mine.Text}")
                : theirs.Length > 0 ? throw new IOException($"{remote} refuses this node: {theirs}")
                : new TlsAssociation(socket, tls, local, remote, frameMax, log);
        }
        catch (Exception e) when (e is AuthenticationException or InvalidOperationException or IOException { Source: "System.Net.Security" })
        {
            tls.Dispose();
            throw new IOException($"{remote}: no TLS: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    public override bool Write(ByteString payload)
    {
        lock (gate)
        {
            if (closing || waitingBytes > WaitingBytesMax)
            {
                return false;
            }

            waiting.Enqueue(payload);
            waitingBytes += payload.Length;
            Monitor.Pulse(gate);
            return true;
        }
    }

    /// <summary>Ends the connection when what waits is written.</summary>
    public void End()
    {
        lock (gate)
        {
            closing = true;
            Monitor.Pulse(gate);
        }
    }

#pragma warning disable CS0672 // Akka.NET calls this from the overload that is not obsolete.
    public override void Disassociate() => End();
#pragma warning restore CS0672

    /// <summary>Reads until the connection ends; on a thread of its own.</summary>
    public void Read()
    {
        // Whoever wants to hear is known a moment later, or the connection ends before.
        Task<IHandleEventListener> reader = ReadHandlerSource.Task;
        Task.WaitAny(reader, ended.Task);
        try
        {
            while (reader.IsCompletedSuccessfully)
            {
                reader.Result.Notify(new InboundPayload(UnsafeByteOperations.UnsafeWrap(ReadFrame(tls, frameMax))));
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            log.Debug("the connection with {0} has ended: {1}", RemoteAddress, e.Message);
        }

        End();
        _ = reader.ContinueWith(listening => listening.Result.Notify(new Disassociated(DisassociateInfo.Unknown)), TaskContinuationOptions.OnlyOnRanToCompletion);
    }

    private static void WriteFrame(Stream to, ReadOnlySpan<byte> payload)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, payload.Length);
        to.Write(length);
        to.Write(payload);
        to.Flush();
    }

    private static byte[] ReadFrame(Stream from, int max)
    {
        Span<byte> prefix = stackalloc byte[sizeof(int)];
        from.ReadExactly(prefix);
        int length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length < 0 || length > max)
        {
            throw new IOException($"a frame of {(uint)length} bytes; allowed are {max}");
        }

        byte[] payload = new byte[length];
        from.ReadExactly(payload);
        return payload;
    }

    private void Write()
    {
        using var gathered = new MemoryStream(GatherBytes);
        Span<byte> length = stackalloc byte[sizeof(int)];
        try
        {
            while (Next() is { } payload)
            {
                BinaryPrimitives.WriteInt32LittleEndian(length, payload.Length);
                gathered.Write(length);
                gathered.Write(payload.Span);
                if (gathered.Length >= GatherBytes || IsDrained())
                {
                    tls.Write(gathered.GetBuffer().AsSpan(0, (int)gathered.Length));
                    gathered.SetLength(0);
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            log.Debug("the connection with {0} has ended: {1}", RemoteAddress, e.Message);
        }

        lock (gate)
        {
            closing = true;
            waiting.Clear();
        }

        ended.TrySetResult();
        try
        {
            tls.Dispose();
        }
        catch (IOException)
        {
            // Nobody is there to be told.
        }

        socket.Dispose();
    }

    private bool IsDrained()
    {
        lock (gate)
        {
            return waiting.Count == 0;
        }
    }

    /// <summary>Waits; null when the connection ends and nothing is left.</summary>
    private ByteString? Next()
    {
        lock (gate)
        {
            while (waiting.Count == 0 && !closing)
            {
                Monitor.Wait(gate);
            }

            if (waiting.Count == 0)
            {
                return null;
            }

            ByteString payload = waiting.Dequeue();
            waitingBytes -= payload.Length;
            return payload;
        }
    }
}
