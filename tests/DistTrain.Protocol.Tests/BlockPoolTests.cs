namespace DistTrain.Protocol.Tests;

public class BlockPoolTests
{
    private static readonly BlockPlan Plan = BlockPlan.Create([new("large", 40), new("bias", 3), new("other", 9)], blockFloatsMax: 16);

    [Fact]
    public void Blocks_of_one_version_of_a_tensor_lie_next_to_each_other()
    {
        var pool = new BlockPool(Plan);
        for (int version = 0; version < 7; version++)
        {
            BlockBuffer[] rented = [.. Plan.Blocks.Select(block => pool.RentFor(block, new WeightVersion(version)))];
            Assert.Equal(Plan.Blocks.Select(block => block.Length), rented.Select(buffer => buffer.Length));
            Assert.Equal([true, true, false], rented.Zip(rented.Skip(1), Adjacent).Take(3));
            Array.ForEach(rented, buffer => buffer.Release());
        }
    }

    [Fact]
    public void A_version_that_is_still_held_keeps_its_floats()
    {
        var pool = new BlockPool(Plan);
        var held = new List<BlockBuffer>();
        for (int version = 0; version < 20; version++)
        {
            BlockBuffer buffer = pool.RentFor(Plan.Blocks[1], new WeightVersion(version));
            buffer.Span.Fill(version);
            held.Add(buffer);
        }

        for (int version = 0; version < held.Count; version++)
        {
            Assert.All(held[version].Span.ToArray(), value => Assert.Equal(version, value));
            held[version].Release();
        }
    }

    [Fact]
    public void A_run_is_rented_whole_or_not_at_all()
    {
        var buffers = new AdjacentBuffers(Plan, Plan.Runs[0]);
        Assert.True(buffers.TryRentAll());
        Assert.False(buffers.TryRentAll());
        buffers[0].Release();
        buffers[2].Release();
        Assert.False(buffers.TryRentAll());
        buffers[1].Release();
        Assert.True(buffers.TryRentAll());
    }

    private static bool Adjacent(BlockBuffer left, BlockBuffer right) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray<float>(left.Memory, out ArraySegment<float> l)
        && System.Runtime.InteropServices.MemoryMarshal.TryGetArray<float>(right.Memory, out ArraySegment<float> r)
        && ReferenceEquals(l.Array, r.Array) && l.Offset + l.Count == r.Offset;

    [Fact]
    public void Buffers_of_more_lengths_than_a_run_has_are_not_kept()
    {
        var pool = new BlockPool();
        for (int length = 1; length <= ProtocolLimits.PooledLengthsMax + 1; length++)
        {
            pool.Rent(length).Release();
        }

        BlockBuffer last = pool.Rent(ProtocolLimits.PooledLengthsMax + 1), first = pool.Rent(1);
        last.Release();
        first.Release();
        Assert.Same(first, pool.Rent(1));
        Assert.NotSame(last, pool.Rent(ProtocolLimits.PooledLengthsMax + 1));
    }
}
