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
}
