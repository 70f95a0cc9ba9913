using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DistTrain.Hosting;

/// <summary>
/// Frames on their way through shared memory: whole ones, several together, in a ring of bytes that the sender has behind the words of its
/// <see cref="SharedOutbox"/>. Each side has an object of its own and believes nothing that the other wrote.
/// </summary>
/// <remarks>
/// <para>Two words say how many bytes were ever written and read. A third says whether the sender has to ring, by a frame through the socket:
/// <see cref="Ring"/> (receiver: nobody looks by himself) or <see cref="Quiet"/> (receiver: somebody does; sender: rung already).</para>
/// <para>Why no bell is missed: the sender writes its count before it reads that word, the receiver writes the word before it reads the count once
/// more (<see cref="TryLetRing"/>), and both have a full fence between. So one of them sees what the other wrote.</para>
/// </remarks>
/// <param name="region">The sender's ring.</param>
internal sealed class FrameRing(SharedRegion region)
{
    /// <summary>In a region: three words, a cache line each, and the bytes.</summary>
    public const int Bytes = (3 * LineBytes) + DataBytes;

    /// <summary>Of frames, with their lengths; a power of two.</summary>
    public const int DataBytes = 64 * 1024;

    /// <summary>Of frames that are written together.</summary>
    public const int BatchBytesMax = DataBytes / 2;

    private const int LineBytes = 64;
    private const int LengthBytes = sizeof(int);
    private const int Ring = 0, Quiet = 1;
    private const int Start = SharedOutbox.WordsBytes;

    // Of this side: bytes it has written, or read.
    private uint position;

    private ref int Written => ref region.WordAt(Start);

    private ref int Read => ref region.WordAt(Start + LineBytes);

    private ref int Bell => ref region.WordAt(Start + (2 * LineBytes));

    private Span<byte> Data => MemoryMarshal.AsBytes(region.GetSpan()).Slice(Start + (3 * LineBytes), DataBytes);

    /// <summary>The sender: writes frames, all or none; false: there is no room now.</summary>
    /// <param name="frames">Whole frames.</param>
    /// <param name="mustRing">Whether the receiver has to be told.</param>
    public bool TryWrite(ReadOnlySpan<byte> frames, out bool mustRing)
    {
        mustRing = false;
        uint unread = position - (uint)Volatile.Read(ref Read);
        if (frames.Length > BatchBytesMax || unread > DataBytes || Padded(frames.Length) > DataBytes - unread)
        {
            return false;
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, frames.Length);
        Put(position, length);
        Put(position + LengthBytes, frames);
        position += Padded(frames.Length);
        Volatile.Write(ref Written, (int)position);
        Interlocked.MemoryBarrier();
        mustRing = Volatile.Read(ref Bell) == Ring && Interlocked.Exchange(ref Bell, Quiet) == Ring;
        return true;
    }

    /// <summary>The receiver: copies the next frames, so that nobody can change them while they are read.</summary>
    /// <param name="into"><see cref="BatchBytesMax"/> bytes.</param>
    /// <returns>Bytes of frames; 0: there are none.</returns>
    /// <exception cref="InvalidDataException">What lies there was written by no sender.</exception>
    public int Take(Span<byte> into)
    {
        uint unread = (uint)Volatile.Read(ref Written) - position;
        if (unread == 0)
        {
            return 0;
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        Get(position, length);
        int bytes = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (unread > DataBytes || bytes <= 0 || bytes > BatchBytesMax || Padded(bytes) > unread)
        {
            throw FramePrefix.Bad($"{bytes} bytes of frames where {unread} were written to shared memory");
        }

        Get(position + LengthBytes, into[..bytes]);
        position += Padded(bytes);
        Volatile.Write(ref Read, (int)position);
        return bytes;
    }

    /// <summary>The receiver: somebody looks by himself from now on.</summary>
    public void KeepQuiet() => Volatile.Write(ref Bell, Quiet);

    /// <summary>The receiver: nobody looks any more, the sender has to ring. False: there are frames already, and it does not.</summary>
    public bool TryLetRing()
    {
        Volatile.Write(ref Bell, Ring);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Written) == (int)position)
        {
            return true;
        }

        KeepQuiet();
        return false;
    }

    private static uint Padded(int bytes) => (uint)(LengthBytes + bytes + LengthBytes - 1) / LengthBytes * LengthBytes;

    private void Put(uint at, ReadOnlySpan<byte> bytes)
    {
        int start = (int)(at % DataBytes), first = Math.Min(bytes.Length, DataBytes - start);
        bytes[..first].CopyTo(Data[start..]);
        bytes[first..].CopyTo(Data);
    }

    private void Get(uint at, Span<byte> bytes)
    {
        int start = (int)(at % DataBytes), first = Math.Min(bytes.Length, DataBytes - start);
        Data.Slice(start, first).CopyTo(bytes);
        Data[..(bytes.Length - first)].CopyTo(bytes[first..]);
    }
}
