using System.Buffers;

namespace DistTrain.Hosting;

/// <summary>Bytes to send, written frame by frame; its array grows to what was needed once and stays.</summary>
internal sealed class FrameBuffer : IBufferWriter<byte>
{
    private byte[] array = new byte[16 * 1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => array.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Begins a frame; returns where, for <see cref="End"/>.</summary>
    public int Begin()
    {
        int start = Length;
        GetSpan(FramePrefix.Bytes);
        Length += FramePrefix.Bytes;
        return start;
    }

    /// <summary>Ends the frame's head: now its length is known.</summary>
    public void End(int start, FrameKind kind, int channel = 0, int pieceBytes = 0, int runBytes = 0) =>
        new FramePrefix(kind, channel, Length - start - FramePrefix.Bytes, pieceBytes, runBytes).Write(array.AsSpan(start));

    /// <summary>A whole frame of bytes.</summary>
    public void Add(FrameKind kind, ReadOnlySpan<byte> head, int channel = 0, int pieceBytes = 0, int runBytes = 0)
    {
        int start = Begin();
        this.Write(head);
        End(start, kind, channel, pieceBytes, runBytes);
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return array.AsSpan(Length);
    }

    private void Reserve(int bytes)
    {
        if (array.Length - Length < Math.Max(bytes, 1))
        {
            Array.Resize(ref array, Math.Max(array.Length * 2, Length + bytes));
        }
    }
}
