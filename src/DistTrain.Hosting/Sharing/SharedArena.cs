using System.Runtime.InteropServices;
using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// A node's memory for blocks that travel: other processes of the host map it, so that a block goes over to them without a copy, as a
/// place in it (<see cref="SharedOutbox"/>). Grows, never shrinks, and ends with the process. Safe for all threads.
/// </summary>
public sealed class SharedArena : IBlockMemory
{
    private const long RegionBytes = 16 << 20;
    private const int AlignmentBytes = 64;
    private readonly Lock gate = new();
    private readonly List<SharedOutbox> outboxes = [];
    private SharedRegion? open;
    private long used;

    /// <summary>Memory of this process's own where the system has no other to give.</summary>
    public Memory<float> Allocate(int floats)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(floats);
        long bytes = (((long)floats * sizeof(float)) + AlignmentBytes - 1) / AlignmentBytes * AlignmentBytes;
        lock (gate)
        {
            try
            {
                if (open is null || used + bytes > open.Length)
                {
                    open = SharedRegion.Create(Math.Max(RegionBytes, SharedRegion.HeaderBytes + bytes));
                    used = SharedRegion.HeaderBytes;
                }
            }
            catch (IOException)
            {
                return new FloatBuffer(floats).Memory;
            }

            used += bytes;
            return open.Memory.Slice((int)((used - bytes) / sizeof(float)), floats);
        }
    }

    public void Reclaim()
    {
        lock (gate)
        {
            outboxes.RemoveAll(static outbox => outbox.TryEnd());
        }
    }

    /// <summary>For one connection to a process of this host; null: the system has no memory to give.</summary>
    internal SharedOutbox? CreateOutbox()
    {
        try
        {
            // A node that never asks for memory, such as the coordinator's, reclaims here what ended connections have open.
            Reclaim();
            var outbox = new SharedOutbox(SharedRegion.Create(SharedOutbox.RingBytes));
            lock (gate)
            {
                outboxes.Add(outbox);
            }

            return outbox;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Where a buffer lies, when that is in shared memory.</summary>
    internal static bool TryFind(BlockBuffer buffer, out SharedRegion region, out long offset)
    {
        bool isShared = MemoryMarshal.TryGetMemoryManager<float, SharedRegion>(buffer.Memory, out SharedRegion? found, out int start, out _);
        (region, offset) = (found!, (long)start * sizeof(float));
        return isShared;
    }
}
