using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// Reads frames: heads through a small buffer, float runs straight into rented buffers (but for the few bytes that came with the
/// head). A length is checked before memory is taken for it, and large heads get memory as their bytes arrive.
/// </summary>
/// <param name="wire">Where from.</param>
/// <param name="options">Limits.</param>
/// <param name="onRead">Called after each read: looks at the clock.</param>
internal sealed class LaneReader(LaneWire wire, LaneOptions options, Action onRead)
{
    /// <summary>Asked for at once where a head is expected: what it brings of a run is copied once more, so few; many small frames fit.</summary>
    private const int HeadReadBytes = 4 * 1024;

    private readonly byte[] runHead = new byte[LaneConnection.RunHeadBytesMax];
    private byte[] buffer = new byte[HeadReadBytes];
    private int start;
    private int end;

    // Of the run of which pieces are still to come.
    private BlockBuffer? open;
    private int openHeadBytes;
    private int openFilled;

    // Frames lie in shared memory that are this reader's to read.
    private bool hasRung;

    /// <summary>Frames of machines are read; false: they end the lane before any memory is taken for them.</summary>
    public bool TakesMessages { get; set; }

    public long BytesReceived { get; private set; }

    public long FramesReceived { get; private set; }

    /// <summary>Waits for a frame of the handshake, which has no run.</summary>
    /// <returns>Its head, valid until the next read.</returns>
    /// <exception cref="InvalidDataException">Something else arrived.</exception>
    public ReadOnlySpan<byte> ReadSmall(out FramePrefix prefix)
    {
        prefix = ReadPrefix();
        return prefix.RunBytes == 0 && prefix.HeadBytes <= LaneHandshake.FrameBytesMax
            ? ReadHead(prefix.HeadBytes)
            : throw FramePrefix.Bad($"{prefix.Kind} before the handshake is over");
    }

    /// <summary>Reads frames until the connection ends.</summary>
    /// <exception cref="IOException">It ended.</exception>
    /// <exception cref="InvalidDataException">What came is no frame.</exception>
    public void Run(ILaneFrames frames)
    {
        try
        {
            while (true)
            {
                // By turns: neither a flood through memory nor one through the socket keeps the other waiting.
                if (!hasRung || end > start || wire.IsReadable)
                {
                    ReadFrame(frames);
                }

                hasRung = hasRung && frames.ReadShared();
            }
        }
        finally
        {
            open?.Release();
            open = null;
        }
    }

    /// <summary>Reads frames that came another way than through the wire: whole messages of machines.</summary>
    /// <param name="whole">The frames, one behind the other.</param>
    /// <param name="limits">Those of frames.</param>
    /// <param name="frames">Gets them.</param>
    /// <returns>How many they were.</returns>
    /// <exception cref="InvalidDataException">Something else lies there.</exception>
    public static int ReadAll(ReadOnlySpan<byte> whole, LaneOptions limits, ILaneFrames frames)
    {
        int count = 0;
        for (; whole.Length > 0; count++)
        {
            FramePrefix prefix = whole.Length < FramePrefix.Bytes ? default : FramePrefix.Read(whole, limits);
            long bytes = FramePrefix.Bytes + (long)prefix.HeadBytes + prefix.PieceBytes;
            if (prefix.Kind is not (FrameKind.Message or FrameKind.Shared) || bytes > whole.Length || prefix.PieceBytes < prefix.RunBytes)
            {
                throw FramePrefix.Bad($"{prefix.Kind} of {bytes} bytes in shared memory, where {whole.Length} are left of whole messages");
            }

            ReadOnlySpan<byte> head = whole.Slice(FramePrefix.Bytes, prefix.HeadBytes);
            if (prefix.Kind == FrameKind.Shared && head.Length <= SharedPlace.Bytes)
            {
                throw FramePrefix.Bad($"a message of {head.Length} bytes in shared memory");
            }
            else if (prefix.Kind == FrameKind.Shared)
            {
                TakeShared(head, frames);
            }
            else
            {
                BlockBuffer? run = prefix.RunBytes == 0 ? null : frames.Rent(head, prefix.RunBytes / sizeof(float));
                whole.Slice(FramePrefix.Bytes + prefix.HeadBytes, prefix.PieceBytes).CopyTo(run is null ? [] : MemoryMarshal.AsBytes(run.Span));
                frames.OnMessage(head, run);
            }

            whole = whole[(int)bytes..];
        }

        return count;
    }

    private void ReadFrame(ILaneFrames frames)
    {
        FramePrefix prefix = ReadPrefix();
        FramesReceived++;
        if (prefix.Kind is FrameKind.Message or FrameKind.Piece or FrameKind.Shared or FrameKind.Bell && !TakesMessages)
        {
            throw FramePrefix.Bad("a message between machines, and no run was agreed upon");
        }

        switch (prefix.Kind)
        {
            case FrameKind.Message when prefix.RunBytes == 0:
                frames.OnMessage(ReadHead(prefix.HeadBytes), null);
                break;
            case FrameKind.Message:
                ReadRun(prefix, frames);
                break;
            case FrameKind.Piece:
                ReadPiece(prefix, frames);
                break;
            case FrameKind.Bytes:
                frames.OnBytes(prefix.Channel, ReadHead(prefix.HeadBytes));
                break;
            case FrameKind.Ping or FrameKind.Pong when prefix.HeadBytes == sizeof(long):
                frames.OnPing(prefix.Kind == FrameKind.Pong, BinaryPrimitives.ReadInt64LittleEndian(ReadHead(prefix.HeadBytes)));
                break;
            case FrameKind.Offer when prefix.HeadBytes == SharedHandle.Bytes:
                frames.OnOffer(SharedHandle.Read(ReadHead(SharedHandle.Bytes)));
                break;
            case FrameKind.Accept when prefix.HeadBytes == sizeof(int):
                frames.OnAccept(BinaryPrimitives.ReadInt32LittleEndian(ReadHead(sizeof(int))));
                break;
            case FrameKind.Shared when prefix.HeadBytes > SharedPlace.Bytes:
                TakeShared(ReadHead(prefix.HeadBytes), frames);
                break;
            case FrameKind.Bell:
                hasRung = true;
                break;
            case FrameKind.Close:
                throw new EndOfStreamException($"closed by the peer: {LaneHandshake.ReadText(ReadHead(prefix.HeadBytes))}");
            default:
                throw FramePrefix.Bad($"{prefix.Kind} where messages are expected");
        }
    }

    private static void TakeShared(ReadOnlySpan<byte> head, ILaneFrames frames)
    {
        if (frames.Take(SharedPlace.Read(head), head[SharedPlace.Bytes..]) is { } floats)
        {
            frames.OnMessage(head[SharedPlace.Bytes..], floats);
        }
    }

    private void ReadRun(FramePrefix prefix, ILaneFrames frames)
    {
        bool whole = prefix.PieceBytes == prefix.RunBytes;
        if (!whole && open is not null)
        {
            throw FramePrefix.Bad("a second run begins while pieces of the first are to come");
        }

        // The head lies where the run's bytes will be read over; an open run keeps its own until its last piece.
        Span<byte> head = whole && open is not null ? stackalloc byte[prefix.HeadBytes] : runHead.AsSpan(0, prefix.HeadBytes);
        ReadHead(prefix.HeadBytes).CopyTo(head);
        BlockBuffer run = frames.Rent(head, prefix.RunBytes / sizeof(float));
        if (!whole)
        {
            (open, openHeadBytes, openFilled) = (run, prefix.HeadBytes, 0);
            Fill(run, prefix.PieceBytes);
            return;
        }

        try
        {
            ReadExactly(MemoryMarshal.AsBytes(run.Span));
        }
        catch
        {
            run.Release();
            throw;
        }

        frames.OnMessage(head, run);
    }

    private void ReadPiece(FramePrefix prefix, ILaneFrames frames)
    {
        if (open is null || prefix.RunBytes != open.Length * sizeof(float) || prefix.PieceBytes > prefix.RunBytes - openFilled)
        {
            throw FramePrefix.Bad($"a piece of {prefix.PieceBytes} bytes of a run of {prefix.RunBytes}, which is not the one under way");
        }

        Fill(open, prefix.PieceBytes);
        if (openFilled == prefix.RunBytes)
        {
            BlockBuffer run = open;
            open = null;
            frames.OnMessage(runHead.AsSpan(0, openHeadBytes), run);
        }
    }

    private void Fill(BlockBuffer run, int bytes)
    {
        ReadExactly(MemoryMarshal.AsBytes(run.Span).Slice(openFilled, bytes));
        openFilled += bytes;
    }

    private FramePrefix ReadPrefix() => FramePrefix.Read(ReadHead(FramePrefix.Bytes), options);

    /// <summary>The next bytes, whole, in the buffer.</summary>
    private ReadOnlySpan<byte> ReadHead(int bytes)
    {
        while (end - start < bytes)
        {
            MakeRoom(bytes);
            end += Received(wire.Read(buffer.AsSpan(end)));
        }

        ReadOnlySpan<byte> head = buffer.AsSpan(start, bytes);
        start += bytes;
        return head;
    }

    private void MakeRoom(int bytes)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (bytes <= HeadReadBytes)
        {
            // One large head must not leave a large buffer behind, through which runs would be copied.
            if (buffer.Length > HeadReadBytes && end <= HeadReadBytes)
            {
                Array.Resize(ref buffer, HeadReadBytes);
            }
        }
        else if (end == buffer.Length)
        {
            // Doubled only when it is full: who announces a large head has to send it.
            Array.Resize(ref buffer, Math.Min(buffer.Length * 2, bytes));
        }
    }

    private void ReadExactly(Span<byte> into)
    {
        int copied = Math.Min(into.Length, end - start);
        buffer.AsSpan(start, copied).CopyTo(into);
        start += copied;
        for (into = into[copied..]; into.Length > 0;)
        {
            // The buffer is empty here; the next frame's head comes along.
            int read = Received(wire.Read(into, buffer.AsSpan(0, HeadReadBytes)));
            (start, end) = (0, Math.Max(read - into.Length, 0));
            into = into[Math.Min(read, into.Length)..];
        }
    }

    private int Received(int bytes)
    {
        BytesReceived += bytes;
        onRead();
        return bytes;
    }
}
