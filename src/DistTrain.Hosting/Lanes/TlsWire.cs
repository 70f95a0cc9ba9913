using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DistTrain.Hosting;

/// <summary>
/// A wire under TLS. Encrypting never waits: what the socket does not take at once stays here, and no more is encrypted before it is
/// gone. So at most one portion is held.
/// </summary>
internal sealed class TlsWire : LaneWire
{
    /// <summary>Plaintext that is encrypted at once, and ciphertext that is read at once: four records, one system call.</summary>
    private const int PortionBytes = 64 * 1024;

    private readonly SslStream tls;
    private readonly Lock gate = new();
    private byte[] pending = new byte[PortionBytes + 4096];
    private int pendingStart;
    private int pendingEnd;

    // Ciphertext that was read, and not asked for yet. SslStream asks for one record at a time, and a system call for each costs more than to copy it once more.
    private readonly byte[] ahead = new byte[PortionBytes];
    private int aheadStart;
    private int aheadEnd;

    public TlsWire(Socket socket)
        : base(socket) => tls = new SslStream(new Records(this), leaveInnerStreamOpen: true);

    public override bool IsLocal => false;

    /// <summary>As they are: what they become is cut into records first.</summary>
    public override int WholeSegments(int bytes) => bytes;

    public override bool HasPending => Volatile.Read(ref pendingStart) < Volatile.Read(ref pendingEnd);

    /// <summary>The TLS handshake; returns what the peer showed. Waits, with <see cref="LaneWire.OnWaiting"/> looking at the clock.</summary>
    /// <exception cref="IOException">The peer speaks no TLS, or not ours.</exception>
    public X509Certificate2? Shake(LaneTls with, string? dialedHost)
    {
        try
        {
            if (dialedHost is null)
            {
                tls.AuthenticateAsServer(with.ForListener());
            }
            else
            {
                tls.AuthenticateAsClient(with.ForDialer(dialedHost));
            }
        }
        catch (Exception e) when (e is AuthenticationException or InvalidOperationException or IOException { Source: "System.Net.Security" })
        {
            string hint = dialedHost is null ? "" : "the other side listens without it, or does not get on with ours: ";
            throw new IOException($"no TLS: {hint}{e.InnerException?.Message ?? e.Message}", e);
        }

        return tls.RemoteCertificate as X509Certificate2;
    }

    public override int Write(ReadOnlySpan<byte> bytes)
    {
        if (!Flush())
        {
            return 0;
        }

        int portion = Math.Min(bytes.Length, PortionBytes);
        Encrypt(bytes[..portion]);
        Flush();
        return portion;
    }

    public override int Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> run)
    {
        if (!Flush())
        {
            return 0;
        }

        int ofHead = Math.Min(head.Length, PortionBytes);
        if (ofHead > 0)
        {
            Encrypt(head[..ofHead]);
        }

        int ofRun = ofHead == head.Length ? Math.Min(run.Length, PortionBytes - ofHead) : 0;
        if (ofRun > 0)
        {
            Encrypt(run[..ofRun]);
        }

        Flush();
        return ofHead + ofRun;
    }

    public override bool Flush()
    {
        lock (gate)
        {
            while (pendingStart < pendingEnd)
            {
                int sent = base.Write(pending.AsSpan(pendingStart, pendingEnd - pendingStart));
                if (sent == 0)
                {
                    return false;
                }

                pendingStart += sent;
            }

            (pendingStart, pendingEnd) = (0, 0);
            return true;
        }
    }

    public override int Read(Span<byte> into)
    {
        try
        {
            int read = tls.Read(into);
            return read > 0 ? read : throw new EndOfStreamException("the peer closed the connection");
        }
        catch (InvalidOperationException e)
        {
            throw new IOException($"TLS has ended: {e.Message}", e);
        }
    }

    /// <summary>Without the second: what came along is read ahead here already.</summary>
    public override int Read(Span<byte> into, Span<byte> behind) => Read(into);

    protected override void Dispose(bool disposing)
    {
        try
        {
            // Flushes once more, into a socket that may be gone.
            tls.Dispose();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nobody is there to be told.
        }

        base.Dispose(disposing);
    }

    /// <summary>Ciphertext to be sent. Also called on the reading thread, when TLS answers by itself (a change of keys).</summary>
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            if (pending.Length - pendingEnd < bytes.Length)
            {
                Array.Resize(ref pending, Math.Max(pending.Length * 2, pendingEnd + bytes.Length));
            }

            bytes.CopyTo(pending.AsSpan(pendingEnd));
            pendingEnd += bytes.Length;
        }
    }

    private void Encrypt(ReadOnlySpan<byte> bytes)
    {
        try
        {
            tls.Write(bytes);
        }
        catch (InvalidOperationException e)
        {
            throw new IOException($"TLS has ended: {e.Message}", e);
        }
    }

    private int ReadRecord(Span<byte> into)
    {
        try
        {
            if (aheadStart == aheadEnd)
            {
                aheadEnd = ReadUndecoded(ahead);
                aheadStart = 0;
            }
        }
        catch (EndOfStreamException)
        {
            return 0;
        }

        int taken = Math.Min(into.Length, aheadEnd - aheadStart);
        ahead.AsSpan(aheadStart, taken).CopyTo(into);
        aheadStart += taken;
        return taken;
    }

    /// <summary>The socket as the stream that SslStream wants. During the TLS handshake what was written goes out before an answer is waited for.</summary>
    private sealed class Records(TlsWire wire) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            wire.Flush();
            if (buffer.IsEmpty)
            {
                // SslStream's way to wait before it rents memory; here the read behind it waits.
                return 0;
            }

            int read = wire.ReadRecord(buffer);
            wire.OnWaiting?.Invoke();
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => wire.Keep(buffer);

        public override void Write(byte[] buffer, int offset, int count) => wire.Keep(buffer.AsSpan(offset, count));

        public override void Flush() => wire.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
