using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// The sender's side of what one connection hands over in shared memory: buffers that the receiver has not given back, each with an entry
/// in a ring of words that both processes map.
/// </summary>
/// <remarks>
/// <para>A word is <see cref="Free"/>, <see cref="Handed"/> (sender), <see cref="Taken"/> (receiver, when it reads the frame), and free again
/// when the receiver's last reference is released. Until then the sender keeps its own reference, so the buffer can't be written.</para>
/// <para>A connection that ends has frames that were never read: the receiver marks the ring as closed when it takes nothing more, and
/// what is still <see cref="Handed"/> then is the sender's again. What is <see cref="Taken"/> stays the receiver's, connected or not, stopped or
/// not, until it gives it back or its process has ended: nothing that a living process may still read is ever written.</para>
/// </remarks>
internal sealed class SharedOutbox(SharedRegion ring)
{
    public const int Entries = 1024;

    /// <summary>Apart by a cache line: both sides write.</summary>
    public const int WordBytes = 64;

    /// <summary>The words, from the region's beginning; frames lie behind them.</summary>
    public const int WordsBytes = SharedRegion.HeaderBytes + WordBytes + (Entries * WordBytes);

    public const long RingBytes = WordsBytes + FrameRing.Bytes;

    /// <summary>No process has this number.</summary>
    public const int Nobody = 0;

    public const int Free = 0, Handed = 1, Taken = 2;

    private const int LookAtReceiverMilliseconds = 500;
    private readonly Lock gate = new();
    private readonly FrameRing frames = new(ring);
    private readonly BlockBuffer?[] buffers = new BlockBuffer?[Entries];
    private readonly Stack<int> unused = new(Enumerable.Range(0, Entries).Reverse());
    private readonly List<int> used = [];
    private HostProcess? receiver;
    private volatile bool isTaken;
    private bool retired;
    private long lookedAt;

    /// <summary>Under which the receiver opens the ring.</summary>
    public SharedHandle Handle => ring.Handle;

    /// <summary>Whether the receiver takes buffers now.</summary>
    public bool IsTaken => isTaken;

    /// <summary>Bytes of floats handed over so far.</summary>
    public long BytesHanded { get; private set; }

    /// <summary>The receiver has mapped the ring: from now on buffers can be handed over.</summary>
    /// <param name="process">The receiver's; <see cref="Nobody"/>: it takes nothing more.</param>
    public void Accept(int process)
    {
        lock (gate)
        {
            isTaken = process != Nobody;
            receiver ??= isTaken ? HostProcess.Find(process) : null;
        }
    }

    /// <summary>
    /// Hands a buffer over, with the caller's reference. False: it lies elsewhere, such as in the memory of a third process that handed it
    /// to this one, or nobody takes it now.
    /// </summary>
    public bool TryHand(BlockBuffer buffer, out SharedPlace place)
    {
        place = default;
        if (!SharedArena.TryFind(buffer, out SharedRegion region, out long offset) || !region.IsOwn)
        {
            return false;
        }

        lock (gate)
        {
            if (receiver is null || !isTaken || retired)
            {
                return false;
            }

            if (unused.Count == 0)
            {
                TakeBack(static word => word == Free);
            }

            if (!unused.TryPop(out int entry))
            {
                return false;
            }

            buffers[entry] = buffer;
            used.Add(entry);
            Volatile.Write(ref Word(ring, entry), Handed);
            BytesHanded += (long)buffer.Length * sizeof(float);
            place = new SharedPlace(region.Handle, offset, buffer.Length, entry);
            return true;
        }
    }

    /// <inheritdoc cref="FrameRing.TryWrite"/>
    public bool TryWrite(ReadOnlySpan<byte> whole, out bool mustRing)
    {
        mustRing = false;
        lock (gate)
        {
            return receiver is not null && isTaken && !retired && frames.TryWrite(whole, out mustRing);
        }
    }

    /// <summary>The connection has ended: nothing more is handed over.</summary>
    public void Retire()
    {
        lock (gate)
        {
            retired = true;
        }
    }

    /// <summary>Releases what was given back. True: all was, and nothing more will be handed over; called no more then.</summary>
    public bool TryEnd()
    {
        lock (gate)
        {
            TakeBack();
            if (!retired || used.Count > 0)
            {
                return false;
            }

            ring.Close();
            return true;
        }
    }

    /// <summary>The word of an entry.</summary>
    public static ref int Word(SharedRegion ring, int entry) => ref ring.WordAt(SharedRegion.HeaderBytes + WordBytes + (entry * WordBytes));

    /// <summary>Not zero: the receiver takes nothing more.</summary>
    public static ref int Closed(SharedRegion ring) => ref ring.WordAt(SharedRegion.HeaderBytes);

    private void TakeBack()
    {
        if (used.Count > 0)
        {
            // Read before the words: what the receiver took, it took before it closed.
            bool closed = retired && Volatile.Read(ref Closed(ring)) != 0;
            TakeBack(closed ? static word => word != Taken : retired && HasReceiverEnded() ? static _ => true : static word => word == Free);
        }
    }

    private void TakeBack(Func<int, bool> isBack)
    {
        for (int i = used.Count - 1; i >= 0; i--)
        {
            int entry = used[i];
            if (isBack(Volatile.Read(ref Word(ring, entry))))
            {
                buffers[entry]!.Release();
                buffers[entry] = null;
                Volatile.Write(ref Word(ring, entry), Free);
                unused.Push(entry);
                used.RemoveAt(i);
            }
        }
    }

    private bool HasReceiverEnded()
    {
        long now = Environment.TickCount64;
        if (now - lookedAt < LookAtReceiverMilliseconds)
        {
            return false;
        }

        lookedAt = now;
        return receiver!.HasEnded;
    }
}
