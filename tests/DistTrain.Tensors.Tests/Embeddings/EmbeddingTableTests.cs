namespace DistTrain.Tensors.Tests;

public sealed class EmbeddingTableTests
{
    /// <summary>Table rows, columns, ids of each slice.</summary>
    private static readonly (int Rows, int Cols, int[] Leaves)[] Cases =
    [
        (65, 64, [40, 40, 40, 40, 40, 40, 40, 40]),
        (7, 5, [3, 0, 4, 1]),
        (500, 33, [64, 64, 63, 64]),
        (3, 1, [0, 0, 0, 9, 0, 2, 0, 0]),
        (1, 16, [11]),
        (4, 3, [0, 0]),
    ];

    [Fact]
    public void Rows_are_gathered_bit_for_bit()
    {
        foreach ((int rows, int cols, int[] leaves) in Cases)
        {
            float[] ids = Ids(rows, leaves.Sum(), 3), table = Bits.Values(rows * cols, 4);
            foreach (ForkJoinPool pool in KernelData.Pools)
            {
                Memory<float> y = KernelData.Misaligned(KernelData.Nan(ids.Length * cols));
                EmbeddingTable.Gather(pool, rows, cols, ids, table, y.Span);
                Bits.Equal([.. ids.SelectMany(id => table.Skip((int)id * cols).Take(cols))], y.Span, $"{rows} x {cols}");
            }
        }
    }

    [Fact]
    public void Gradient_has_the_bits_of_every_slice_summed_over_the_whole_table()
    {
        foreach ((int rows, int cols, int[] leaves) in Cases)
        {
            var slices = SliceTree.Create(leaves);
            float[] ids = Ids(rows, slices.Rows, 5), expected = new float[rows * cols];
            Memory<float> dy = KernelData.Misaligned(KernelData.Floats(ids.Length * cols, 6));
            EmbeddingTableReference.ScatterAddSliced(slices, rows, cols, ids, dy.Span, expected);
            foreach (ForkJoinPool pool in KernelData.Pools)
            {
                Memory<float> gradient = KernelData.Misaligned(KernelData.Nan(expected.Length));
                EmbeddingTable.ScatterAddSliced(pool, slices, rows, cols, ids, dy.Span, gradient.Span);
                KernelData.AssertSameBits(expected, gradient.Span, $"{rows} x {cols}, {leaves.Length} slices");
            }
        }
    }

    [Fact]
    public void Values_that_are_not_finite_stay_in_their_rows()
    {
        var slices = SliceTree.Create([2, 2]);
        float[] gradient = new float[4];
        EmbeddingTable.ScatterAddSliced(ForkJoinPool.Single, slices, 4, 1, [1, 3, 3, 1], [float.NaN, -0f, 2, 1], gradient);
        Bits.Equal([0, float.NaN, 0, 2], gradient, "gradient");
    }

    [Fact]
    public void Nothing_is_allocated_once_warm()
    {
        var slices = SliceTree.Create([20, 20]);
        float[] ids = Ids(9, 40, 1), dy = new float[40 * 8], gradient = new float[9 * 8], y = new float[40 * 8];
        long allocated = -1;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            EmbeddingTable.Gather(ForkJoinPool.Single, 9, 8, ids, gradient, y);
            EmbeddingTable.ScatterAddSliced(ForkJoinPool.Single, slices, 9, 8, ids, dy, gradient);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Theory]
    [InlineData(3f)]
    [InlineData(-1f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    [InlineData(1e20f)]
    public void Id_that_is_no_row_is_refused(float id)
    {
        Assert.Equal(1, EmbeddingTable.FirstOutside(3, [2, id, 7]));
        Assert.Equal(-1, EmbeddingTable.FirstOutside(3, [2, 0, -0f]));
        Assert.Throws<ArgumentException>(() => EmbeddingTable.Gather(ForkJoinPool.Single, 3, 1, [id], [1, 2, 3], [0]));
        Assert.Throws<ArgumentException>(
            () => EmbeddingTable.ScatterAddSliced(ForkJoinPool.Single, SliceTree.Create([1]), 3, 1, [id], [1], [1, 2, 3]));
    }

    private static float[] Ids(int rows, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(rows))];
    }
}
