using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DistTrain.Hosting;

/// <summary>
/// The bytes of one connection, in the clear. Writing never waits; reading does, on the thread of the lane. Sockets are in
/// non-blocking mode and waits are poll calls: the runtime's own socket engine is never involved, whose two thread switches for each
/// arrival cost more than the copy of a small frame (docs/lanes.md has the numbers).
/// </summary>
internal class LaneWire(Socket socket) : IDisposable
{
    /// <summary>Called about every <see cref="PollMilliseconds"/> while a read waits; ends the wait by an exception.</summary>
    public Action? OnWaiting { get; set; }

    public int PollMilliseconds { get; set; } = 250;

    /// <summary>The same connection without TLS.</summary>
    public LaneWire InTheClear() => new(socket) { OnWaiting = OnWaiting, PollMilliseconds = PollMilliseconds };

    /// <summary>Whether both ends are on this host, and nobody wants the bytes between them encrypted.</summary>
    public virtual bool IsLocal => socket.AddressFamily == AddressFamily.Unix;

    /// <summary>Whether accepted bytes have not reached the socket yet (TLS keeps some).</summary>
    public virtual bool HasPending => false;

    /// <summary>So many bytes, or the fewer that fill whole TCP segments: a segment of what is left over costs as much as a full one.</summary>
    public virtual int WholeSegments(int bytes)
    {
        const int TcpLevel = 6, TcpMaximumSegment = 2;
        if (socket.ProtocolType != ProtocolType.Tcp || !OperatingSystem.IsLinux())
        {
            return bytes;
        }

        try
        {
            // Asked each time, since it grows with the peer's window and shrinks with the way.
            int segment = 0;
            socket.GetRawSocketOption(TcpLevel, TcpMaximumSegment, MemoryMarshal.AsBytes(new Span<int>(ref segment)));
            return segment > 0 && segment <= bytes ? bytes - (bytes % segment) : bytes;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone: the next write tells.
            return bytes;
        }
    }

    /// <summary>Takes as many bytes as it can without waiting; 0: none now.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public virtual int Write(ReadOnlySpan<byte> bytes)
    {
        int sent = socket.Send(bytes, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock => 0,
            _ => throw Gone(error),
        };
    }

    /// <summary>Takes as many bytes as it can of a head and a run behind it, without waiting; 0: none now.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public virtual int Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> run)
    {
        if (head.Length > 0 && run.Length > 0 && SocketParts.IsSupported && SocketParts.TrySend(socket, head, run) is { } both)
        {
            return both;
        }

        int sent = head.Length > 0 ? Write(head) : 0;
        return sent == head.Length && run.Length > 0 ? sent + Write(run) : sent;
    }

    /// <summary>Hands on what <see cref="HasPending"/> tells of; returns whether nothing is left.</summary>
    public virtual bool Flush() => true;

    /// <summary>Reads at least a byte; waits for it.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public virtual int Read(Span<byte> into) => ReadUndecoded(into);

    /// <summary>Reads at least a byte, and waits for it; what comes along with the last of <paramref name="into"/> goes into <paramref name="behind"/>.</summary>
    /// <returns>The bytes of both.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    public virtual int Read(Span<byte> into, Span<byte> behind)
    {
        while (SocketParts.IsSupported && SocketParts.TryReceive(socket, into, behind) is { } both)
        {
            if (both > 0)
            {
                return both;
            }

            WaitReadable();
        }

        return Read(into);
    }

    /// <summary>Waits for the next byte as it is on the wire, and leaves it there.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public byte Peek()
    {
        Span<byte> next = stackalloc byte[1];
        ReadUndecoded(next, SocketFlags.Peek);
        return next[0];
    }

    /// <summary>Reads bytes as they are on the wire, under TLS too; to throw them away.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public int ReadUndecoded(Span<byte> into, SocketFlags flags = SocketFlags.None)
    {
        while (true)
        {
            int read = socket.Receive(into, flags, out SocketError error);
            if (error == SocketError.Success)
            {
                return read > 0 ? read : throw new EndOfStreamException("the peer closed the connection");
            }

            if (error != SocketError.WouldBlock)
            {
                throw Gone(error);
            }

            WaitReadable();
        }
    }

    /// <summary>Writes all, and waits for it; for handshakes.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public void WriteAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0 || !Flush())
        {
            int written = bytes.Length > 0 ? Write(bytes) : 0;
            bytes = bytes[written..];
            if (written == 0 && !WaitWritable(PollMilliseconds))
            {
                OnWaiting?.Invoke();
            }
        }
    }

    /// <summary>Whether the socket takes bytes within a time, or is gone: then the next write tells.</summary>
    public bool WaitWritable(int milliseconds)
    {
        try
        {
            return socket.Poll(milliseconds * 1000, SelectMode.SelectWrite);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Whether a read would not wait.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public bool IsReadable => PollReadable(0);

    /// <summary>Wakes whoever reads or waits; they find the connection gone.</summary>
    public void Shutdown()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already: nobody is left to be woken.
        }
    }

    /// <summary>Nothing more will be written: the peer reads to the end of what was.</summary>
    public void EndWriting()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => socket.Dispose();

    protected void WaitReadable()
    {
        while (!PollReadable(PollMilliseconds))
        {
            OnWaiting?.Invoke();
        }
    }

    private bool PollReadable(int milliseconds)
    {
        try
        {
            return socket.Poll(milliseconds * 1000, SelectMode.SelectRead);
        }
        catch (SocketException e)
        {
            throw Gone(e.SocketErrorCode);
        }
    }

    protected static IOException Gone(SocketError error) => new(error switch
    {
        SocketError.ConnectionReset => "the peer reset the connection",
        SocketError.Shutdown or SocketError.ConnectionAborted => "the connection is closed",
        _ => new SocketException((int)error).Message,
    });
}
