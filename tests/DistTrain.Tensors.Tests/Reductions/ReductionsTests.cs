namespace DistTrain.Tensors.Tests;

public class ReductionsTests
{
    [Fact]
    public void Row_sums_and_maxima_follow_the_16_lane_order_in_every_width_and_length()
    {
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                for (int cols = 1; cols <= 260; cols++)
                {
                    float[] x = cols % 3 == 0 ? Bits.Values((2 * cols) + 3, cols) : Bits.Finite((2 * cols) + 3, cols);
                    float[] sums = new float[2], maxima = new float[2], expectedSums = new float[2], expectedMaxima = new float[2];
                    Span<float> rows = x.AsSpan(3);
                    for (int row = 0; row < 2; row++)
                    {
                        expectedSums[row] = ReductionsReference.Fold(rows.Slice(row * cols, cols), (a, b) => a + b);
                        expectedMaxima[row] = ReductionsReference.Fold(rows.Slice(row * cols, cols), MathF.Max);
                    }

                    Reductions.SumCols(ForkJoinPool.Single, 2, cols, rows, sums);
                    Reductions.MaxCols(ForkJoinPool.Single, 2, cols, rows, maxima);
                    Bits.Equal(expectedSums, sums, $"sum of {cols}, width {width}");
                    Bits.Equal(expectedMaxima, maxima, $"maximum of {cols}, width {width}");
                }
            });
        }
    }

    [Fact]
    public void Absent_lanes_leave_a_negative_zero_as_it_is()
    {
        float[] y = new float[1];
        Reductions.SumCols(ForkJoinPool.Single, 1, 3, new float[] { -0f, -0f, -0f }, y);
        Bits.Equal([-0f], y, "sum of negative zeros");
        Reductions.MaxCols(ForkJoinPool.Single, 1, 2, new float[] { -0f, 0f }, y);
        Bits.Equal([0f], y, "maximum of zeros");
    }

    public static TheoryData<int, int[]> Slicings => new()
    {
        { 1, [5] },
        { 1, [3, 0, 2, 4] },
        { 1, [9, 9, 8, 9, 9, 8, 9, 9] },
        { 10, [16, 16, 16, 16, 16, 16, 16, 16] },
        { 10, [0, 0, 3, 0] },
        { 17, [6, 7, 6, 7, 6, 7, 6, 7] },
        { 32, [100, 101, 100, 101] },
        { 63, [4, 5, 4, 5, 0, 0, 1, 0] },
        { 64, [4, 5, 4, 5] },
        { 67, [1, 2] },
        { 512, [3, 4, 3, 4, 3, 4, 3, 4] },
        { 1000, [70, 70, 71, 70] },
        { 5, [0, 0] },
        { 0, [4, 4] },
        { 3, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] },
    };

    [Theory]
    [MemberData(nameof(Slicings))]
    public void Sums_over_rows_equal_the_reference_in_every_width_and_on_threads(int cols, int[] leafRows)
    {
        using var pool = new ForkJoinPool(2);
        SliceTree slices = SliceTree.Create(leafRows);
        float[] x = Bits.Finite((slices.Rows * cols) + 1, 11);
        float[] expected = new float[cols], actual = new float[cols];
        ReductionsReference.SumRowsSliced(slices, cols, x.AsSpan(1), expected);
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                foreach (ForkJoinPool threads in new[] { ForkJoinPool.Single, pool })
                {
                    Array.Fill(actual, 5f);
                    Reductions.SumRowsSliced(threads, slices, cols, x.AsSpan(1), actual);
                    Bits.Equal(expected, actual, $"width {width}, {threads.Threads} threads");
                }
            });
        }
    }

    [Fact]
    public void A_subtree_sums_to_what_the_whole_tree_adds()
    {
        const int Rows = 77, Cols = 12;
        float[] x = Bits.Finite(Rows * Cols, 12), whole = new float[Cols], left = new float[Cols], right = new float[Cols];
        Reductions.SumRowsSliced(ForkJoinPool.Single, SliceTree.ForRange(Rows, 8, 0, 8), Cols, x, whole);
        int split = SliceTree.SliceStart(Rows, 8, 4) * Cols;
        Reductions.SumRowsSliced(ForkJoinPool.Single, SliceTree.ForRange(Rows, 8, 0, 4), Cols, x.AsSpan(0, split), left);
        Reductions.SumRowsSliced(ForkJoinPool.Single, SliceTree.ForRange(Rows, 8, 4, 4), Cols, x.AsSpan(split), right);
        Elementwise.Add(ForkJoinPool.Single, left, right, left);
        Bits.Equal(whole, left, "two halves");
    }

    [Fact]
    public void Steady_calls_allocate_nothing()
    {
        SliceTree slices = SliceTree.ForRange(64, 8, 0, 8);
        float[] x = Bits.Finite(64 * 32, 13), y = new float[32], rows = new float[64];
        void Call()
        {
            Reductions.SumRowsSliced(ForkJoinPool.Single, slices, 32, x, y);
            Reductions.SumCols(ForkJoinPool.Single, 64, 32, x, rows);
            Softmax.Forward(ForkJoinPool.Single, 64, 32, x, x);
            Elementwise.Exp(ForkJoinPool.Single, x, x);
        }

        Call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            Call();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Any_infinity_or_NaN_is_found_wherever_it_stands()
    {
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
                {
                    float[] x = Bits.Finite(200, 14);
                    x[3] = float.MaxValue;
                    x[4] = float.MaxValue;
                    for (int length = 0; length <= x.Length; length++)
                    {
                        Assert.True(Reductions.AllFinite(x.AsSpan(0, length)));
                    }

                    for (int at = 0; at < x.Length; at++)
                    {
                        float kept = x[at];
                        x[at] = bad;
                        Assert.False(Reductions.AllFinite(x));
                        Assert.True(Reductions.AllFinite(x.AsSpan(0, at)));
                        x[at] = kept;
                    }
                }
            });
        }
    }

    [Fact]
    public void First_maximum_wins_and_NaN_wins_over_all()
    {
        var columns = new int[4];
        float nan = float.NaN;
        Reductions.ArgMaxCols(4, 3, [1f, 3f, 3f, 5f, 5f, 5f, 2f, nan, 9f, nan, nan, 1f], columns);
        Assert.Equal([1, 0, 1, 0], columns);
    }
}
