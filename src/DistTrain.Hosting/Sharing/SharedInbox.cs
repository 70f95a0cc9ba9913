using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>The receiver's side of a <see cref="SharedOutbox"/>. Used by one thread at a time; what it hands out is not.</summary>
internal sealed class SharedInbox
{
    /// <summary>Regions of one sender: 16 GiB in arenas' pieces.</summary>
    private const int RegionsMax = 1024;

    private readonly SharedRegion ring;
    private readonly Dictionary<SharedHandle, SharedRegion> regions = [];

    // One for each entry, again and again: taking allocates nothing in the long run. Null before the first: a launcher takes none.
    private BlockBuffer?[]? buffers;

    // Buffers that somebody holds, and one for the connection: with the last all is unmapped.
    private int users = 1;

    private SharedInbox(SharedRegion ring)
    {
        this.ring = ring;
        Frames = new FrameRing(ring);
    }

    /// <summary>Frames that came this way.</summary>
    public FrameRing Frames { get; }

    /// <summary>Bytes of floats taken so far.</summary>
    public long BytesTaken { get; private set; }

    /// <summary>Maps a sender's ring; null: it can't be had here.</summary>
    public static SharedInbox? TryOpen(SharedHandle handle) =>
        SharedRegion.TryOpen(handle) is { Length: SharedOutbox.RingBytes } ring ? new SharedInbox(ring) : null;

    /// <summary>
    /// The floats as a buffer with one reference; the last release gives them back to the sender. Null: this process can't map where
    /// they lie, and they are given back at once.
    /// </summary>
    /// <exception cref="InvalidDataException">There are none, or nobody handed them over.</exception>
    public BlockBuffer? Take(SharedPlace place)
    {
        if ((uint)place.Entry >= SharedOutbox.Entries || Volatile.Read(ref SharedOutbox.Word(ring, place.Entry)) != SharedOutbox.Handed)
        {
            throw FramePrefix.Bad($"floats of entry {place.Entry}, which were not handed over");
        }

        if (RegionOf(place.Region) is not { } region)
        {
            Volatile.Write(ref SharedOutbox.Word(ring, place.Entry), SharedOutbox.Free);
            return null;
        }

        if (place.Floats <= 0 || place.Offset < SharedRegion.HeaderBytes || place.Offset % sizeof(float) != 0
            || place.Offset > region.Length - ((long)place.Floats * sizeof(float)))
        {
            throw FramePrefix.Bad($"{place.Floats} floats at byte {place.Offset} of {region.Length} in shared memory");
        }

        buffers ??= new BlockBuffer?[SharedOutbox.Entries];
        BlockBuffer? buffer = buffers[place.Entry];
        Memory<float> floats = region.Memory.Slice((int)(place.Offset / sizeof(float)), place.Floats);
        if (buffer is null)
        {
            buffers[place.Entry] = buffer = BufferOf(place.Entry, floats);
        }
        else if (!buffer.TryRent(floats))
        {
            throw FramePrefix.Bad($"floats of entry {place.Entry}, which were not given back yet");
        }

        Interlocked.Increment(ref users);
        Volatile.Write(ref SharedOutbox.Word(ring, place.Entry), SharedOutbox.Taken);
        BytesTaken += (long)place.Floats * sizeof(float);
        return buffer;
    }

    /// <summary>Nothing more is taken: the sender has again what was not.</summary>
    public void Close()
    {
        Volatile.Write(ref SharedOutbox.Closed(ring), 1);
        Leave();
    }

    private BlockBuffer BufferOf(int entry, Memory<float> floats) => new(floats, _ =>
    {
        Volatile.Write(ref SharedOutbox.Word(ring, entry), SharedOutbox.Free);
        Leave();
    });

    private void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            foreach (SharedRegion region in regions.Values)
            {
                region.Close();
            }

            ring.Close();
        }
    }

    private SharedRegion? RegionOf(SharedHandle handle)
    {
        if (!regions.TryGetValue(handle, out SharedRegion? region) && regions.Count < RegionsMax && (region = SharedRegion.TryOpen(handle)) is not null)
        {
            regions.Add(handle, region);
        }

        return region;
    }
}
