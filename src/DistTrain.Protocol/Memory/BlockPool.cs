using System.Collections.Concurrent;
using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>Rents <see cref="BlockBuffer"/>s by exact length: a run has few different block lengths. Safe for all threads.</summary>
public sealed class BlockPool
{
    private readonly ConcurrentDictionary<int, Shelf> shelves = new();
    private readonly bool poison;
    private readonly WeightPlaces? places;
    private readonly Action<BlockBuffer> put;
    private long rented;

    /// <summary>An empty pool.</summary>
    /// <param name="poison">Overwrite what is returned with NaN, so that a use after the last release shows; for tests and the simulator.</param>
    public BlockPool(bool poison = false)
    {
        this.poison = poison;
        put = Return;
    }

    /// <summary>An empty pool for machines that share memory.</summary>
    /// <param name="plan">Whose blocks of one version are placed next to each other.</param>
    /// <param name="memory">Where those lie; null: in this process's own.</param>
    public BlockPool(BlockPlan plan, IBlockMemory? memory = null)
        : this() =>
        places = new WeightPlaces(plan, memory);

    /// <summary>Buffers rented and not yet returned; those lost to the garbage collector count too.</summary>
    public long BuffersRented => Interlocked.Read(ref rented);

    /// <summary>A buffer with one reference, held by the caller; its content is undefined.</summary>
    /// <param name="length">Floats, 0 or more.</param>
    public BlockBuffer Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Interlocked.Increment(ref rented);
        if (shelves.TryGetValue(length, out Shelf? shelf) && shelf.TryTake() is { } buffer)
        {
            buffer.Revive();
            return buffer;
        }

        return new BlockBuffer(new FloatBuffer(length).Memory, put);
    }

    /// <summary>
    /// A buffer for a version of a block. Pools of one process put blocks of the same version next to each other where they can,
    /// so that whoever uses a tensor of several blocks needs no copy.
    /// </summary>
    public BlockBuffer RentFor(Block block, WeightVersion version) => places?.TryRent(block.Id, version) ?? Rent(block.Length);

    /// <summary>A rented buffer that holds a copy of the given floats.</summary>
    public BlockBuffer RentCopy(ReadOnlySpan<float> floats)
    {
        BlockBuffer buffer = Rent(floats.Length);
        floats.CopyTo(buffer.Span);
        return buffer;
    }

    private void Return(BlockBuffer buffer)
    {
        Interlocked.Decrement(ref rented);
        if (poison)
        {
            buffer.FreeSpan.Fill(float.NaN);
        }

        if (shelves.TryGetValue(buffer.Length, out Shelf? shelf))
        {
            shelf.Put(buffer);
        }
        else if (shelves.Count < ProtocolLimits.PooledLengthsMax)
        {
            shelves.GetOrAdd(buffer.Length, static _ => new Shelf()).Put(buffer);
        }
    }

    /// <summary>Free buffers of one length. A lock and an array: a lock-free stack would allocate a node for each return.</summary>
    private sealed class Shelf
    {
        private readonly Stack<BlockBuffer> buffers = new();
        private readonly Lock gate = new();

        public BlockBuffer? TryTake()
        {
            lock (gate)
            {
                return buffers.TryPop(out BlockBuffer? buffer) ? buffer : null;
            }
        }

        public void Put(BlockBuffer buffer)
        {
            lock (gate)
            {
                if (buffers.Count < ProtocolLimits.PooledBuffersPerLengthMax)
                {
                    buffers.Push(buffer);
                }
            }
        }
    }
}
