using System.Buffers;
using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// What is written next: heads and control frames in a buffer, then a piece of the open run from where its floats lie. Used by the
/// lane's owner of the moment alone.
/// </summary>
internal sealed class LaneStage(LaneWire wire, LaneOptions options)
{
    /// <summary>Control frames are gathered up to here and cost one call.</summary>
    private const int GatherBytesMax = 16 * 1024;

    private readonly FrameBuffer heads = new();
    private BlockBuffer? run;
    private int headsSent;
    private int runSent;
    private int pieceEnd;
    private bool hasOnlyMessages = true;

    /// <summary>By which floats go over without being written; null: by none.</summary>
    public SharedLane? Shared { get; set; }

    /// <summary>Frames staged since the beginning.</summary>
    public long Frames { get; private set; }

    public bool IsFull => HasOpenRun || heads.Length >= GatherBytesMax;

    /// <summary>Whether pieces of a run are still to be staged or written.</summary>
    public bool HasOpenRun => run is not null;

    public bool IsWritten => headsSent == heads.Length && runSent == pieceEnd;

    /// <summary>What is written next.</summary>
    public ReadOnlySpan<byte> Heads => heads.Written[headsSent..];

    /// <summary>What is written behind <see cref="Heads"/>.</summary>
    public ReadOnlySpan<byte> Piece => run is null ? [] : MemoryMarshal.AsBytes(run.Span)[runSent..pieceEnd];

    /// <summary>So many bytes of <see cref="Heads"/> and <see cref="Piece"/> were written. A run's reference is given back with its last byte.</summary>
    public void Advance(int bytes)
    {
        int ofHeads = Math.Min(bytes, heads.Length - headsSent);
        headsSent += ofHeads;
        runSent += bytes - ofHeads;
        if (run is not null && runSent == run.Length * sizeof(float))
        {
            GiveBack();
        }
    }

    /// <summary>Everything staged was written; begins anew.</summary>
    public void Clear()
    {
        heads.Clear();
        headsSent = 0;
        hasOnlyMessages = true;
    }

    /// <summary>Stages a frame and takes over its payload's reference; a large payload is the open run from then on.</summary>
    public void Add(LaneQueue.Entry entry)
    {
        Frames++;
        if (entry.HostBytes is { } bytes)
        {
            hasOnlyMessages = false;
            heads.Add(FrameKind.Bytes, bytes, entry.Channel);
            return;
        }

        int start = heads.Begin();
        if (entry.Bytes > LaneConnection.ControlBytesMax && Shared is { } shared && shared.TryHand(entry.Message!.Payload!, out SharedPlace place))
        {
            place.Write(heads.GetSpan(SharedPlace.Bytes));
            heads.Advance(SharedPlace.Bytes);
            MessageCodec.EncodeEnvelope(entry.From, entry.To, entry.Message, heads);
            heads.End(start, FrameKind.Shared);
            return;
        }

        MessageCodec.EncodeEnvelope(entry.From, entry.To, entry.Message!, heads);
        if (entry.Message!.Payload is not { } payload)
        {
            heads.End(start, FrameKind.Message);
        }
        else if (entry.Bytes <= LaneConnection.ControlBytesMax)
        {
            // A bias of a few floats: copied, so that it shares a call with its neighbours.
            heads.End(start, FrameKind.Message, 0, entry.Bytes, entry.Bytes);
            heads.Write(MemoryMarshal.AsBytes(payload.Span));
            payload.Release();
        }
        else
        {
            (run, runSent, pieceEnd) = (payload, 0, PieceOf(entry.Bytes, heads.Length));
            heads.End(start, FrameKind.Message, 0, pieceEnd, entry.Bytes);
        }
    }

    /// <summary>
    /// Whole messages of machines go through shared memory where there is some with room for them; what is left of the stage is at most the bell
    /// that says so. Returns the bytes that went.
    /// </summary>
    public int Share()
    {
        int bytes = heads.Length;
        if (!hasOnlyMessages || HasOpenRun || bytes == 0 || Shared is not { } shared || !shared.TryWrite(heads.Written, out bool mustRing))
        {
            return 0;
        }

        Clear();
        if (mustRing)
        {
            Add(FrameKind.Bell, []);
        }

        return bytes;
    }

    /// <summary>The next piece of the open run.</summary>
    public void AddPiece()
    {
        Frames++;
        int bytes = run!.Length * sizeof(float);
        pieceEnd = runSent + PieceOf(bytes - runSent, heads.Length + FramePrefix.Bytes);
        heads.Add(FrameKind.Piece, [], 0, pieceEnd - runSent, bytes);
    }

    /// <summary>Bytes of the next piece where so many are left: all, if little more than a piece; else, with what is staged before it, whole segments.</summary>
    private int PieceOf(int left, int before) =>
        left <= options.PieceBytes + (options.PieceBytes / 16) ? left : Math.Max(wire.WholeSegments(options.PieceBytes) - before, options.PieceBytes / 2);

    /// <summary>A frame of the lane's own.</summary>
    public void Add(FrameKind kind, ReadOnlySpan<byte> head)
    {
        hasOnlyMessages = false;
        heads.Add(kind, head);
    }

    public void AddPing(FrameKind kind, long token)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BitConverter.TryWriteBytes(bytes, token);
        Add(kind, bytes);
    }

    public void AddClose(string reason)
    {
        hasOnlyMessages = false;
        int start = heads.Begin();
        LaneHandshake.WriteText(heads, reason);
        heads.End(start, FrameKind.Close);
    }

    /// <summary>Releases the open run.</summary>
    public void GiveBack()
    {
        (runSent, pieceEnd) = (0, 0);
        Interlocked.Exchange(ref run, null)?.Release();
    }
}
