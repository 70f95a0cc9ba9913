using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class BatchLoaderTests
{
    private static readonly IDataSource Source = Dataset.FromArrays(
        [.. Enumerable.Range(0, 11 * 3).Select(i => (float)i)], new Shape(3), [.. Enumerable.Range(0, 11)], 11);

    [Fact]
    public void A_pass_holds_every_sample_once_and_keeps_the_short_last_batch()
    {
        var loader = new BatchLoader(Source, batch: 4, seed: 1);
        Assert.Equal(3, loader.StepsPerPass);
        Assert.Equal([4, 4, 3], Enumerable.Range(0, 3).Select(loader.RowsIn));
        var seen = new List<int>();
        for (int step = 0; step < 3; step++)
        {
            int[] indices = new int[loader.RowsIn(step)];
            float[] features = new float[indices.Length * 3];
            float[] targets = new float[indices.Length];
            loader.Load(2, step, 0, indices, features, targets);
            for (int row = 0; row < indices.Length; row++)
            {
                Assert.Equal(indices[row], (int)targets[row]);
                Assert.Equal([3f * indices[row], (3f * indices[row]) + 1, (3f * indices[row]) + 2], features[(row * 3)..((row * 3) + 3)]);
            }

            seen.AddRange(indices);
        }

        Assert.Equal(Enumerable.Range(0, 11), seen.Order());
    }

    [Fact]
    public void Parts_of_a_batch_are_the_batch()
    {
        var loader = new BatchLoader(Source, batch: 6, seed: 9);
        int[] whole = new int[6];
        int[] parts = new int[6];
        loader.Indices(1, 0, 0, whole);
        loader.Indices(1, 0, 0, parts.AsSpan(0, 2));
        loader.Indices(1, 0, 2, parts.AsSpan(2, 4));
        Assert.Equal(whole, parts);
    }

    [Fact]
    public void Without_shuffling_the_order_is_the_source_s()
    {
        int[] indices = new int[3];
        new BatchLoader(Source, batch: 4, seed: 1, shuffle: false).Indices(5, 2, 0, indices);
        Assert.Equal([8, 9, 10], indices);
    }

    [Fact]
    public void A_part_beyond_the_batch_is_refused()
    {
        var loader = new BatchLoader(Source, batch: 4, seed: 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Indices(0, 2, 1, new int[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Indices(0, 3, 0, new int[1]));
    }

    [Fact]
    public void Loading_within_a_pass_allocates_nothing()
    {
        IDataSource part = Splits.First(Source, 9);
        var loader = new BatchLoader(part, batch: 4, seed: 1);
        int[] indices = new int[4];
        float[] features = new float[12];
        float[] targets = new float[4];
        loader.Load(0, 0, 0, indices, features, targets);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
        {
            loader.Load(0, round % 2, 0, indices, features, targets);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
