namespace DistTrain.Protocol.Tests;

public class ReductionTreeTests
{
    private const int Floats = 19; // not a multiple of any vector width
    private readonly BlockPool pool = new(poison: true);

    [Theory]
    [InlineData(1, 5)]
    [InlineData(8, 64)]
    [InlineData(8, 5)]
    [InlineData(16, 3)]
    [InlineData(64, 100)]
    public void Any_cover_in_any_order_with_repetitions_gives_the_recursive_sum(int slices, int rows)
    {
        var tree = new ReductionTree(pool, slices);
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            float[]?[] leaves = Leaves(random, slices, rows);
            List<SliceRange> cover = [];
            Cut(SliceRange.Root(slices), random, cover);
            List<SliceRange> offers = [.. cover, .. Enumerable.Range(0, 4).Select(_ => AnyRange(random, slices))];
            offers.RemoveAll(range => range.Rows(rows, slices) == 0);
            tree.Begin(rows);
            foreach (SliceRange range in offers.OrderBy(_ => random.Next()))
            {
                Offer(tree, range, Recursive(leaves, range)!);
                Assert.DoesNotContain(
                    tree.Complete, inner => tree.Complete.Any(outer => outer != inner && outer.Contains(inner)));
            }

            float[] expected = Recursive(leaves, SliceRange.Root(slices))!;
            Assert.True(tree.IsComplete);
            Assert.Equal(expected, tree.Sum.Span.ToArray());
            Assert.Equal(new RangeStatistics(expected[0], [expected[1]]), tree.Statistics);
        }

        tree.Drop();
        Assert.Equal(0, pool.BuffersRented);
    }

    [Fact]
    public void The_first_value_of_a_node_wins_and_later_ones_count_as_dropped()
    {
        var tree = new ReductionTree(pool, 4);
        tree.Begin(8);
        Assert.Equal(new SliceRange(0, 2), Offer(tree, new SliceRange(0, 2), Constant(1)));
        Assert.Null(Offer(tree, new SliceRange(0, 2), Constant(100)));
        Assert.Null(Offer(tree, new SliceRange(1, 1), Constant(100)));
        Assert.Equal(new SliceRange(0, 4), Offer(tree, new SliceRange(2, 2), Constant(2)));

        Assert.Equal(Constant(3), tree.Sum.Span.ToArray());
        Assert.Equal(4 + 2, tree.DroppedSamples);
    }

    [Fact]
    public void A_parent_that_arrives_whole_swallows_its_descendants()
    {
        var tree = new ReductionTree(pool, 4);
        tree.Begin(4);
        Offer(tree, new SliceRange(0, 1), Constant(100));
        Assert.Equal(new SliceRange(0, 2), Offer(tree, new SliceRange(0, 2), Constant(1)));
        Offer(tree, new SliceRange(2, 2), Constant(2));

        Assert.Equal(Constant(3), tree.Sum.Span.ToArray());
        Assert.Equal(1, tree.DroppedSamples);
    }

    [Fact]
    public void A_lone_value_is_retained_and_not_copied()
    {
        var tree = new ReductionTree(pool, 2);
        tree.Begin(2);
        BlockBuffer whole = pool.RentCopy(Constant(5));
        tree.Offer(SliceRange.Root(2), whole, new RangeStatistics(2, []));
        whole.Release();

        Assert.Same(whole, tree.Sum);
        tree.Drop();
        Assert.Throws<InvalidOperationException>(() => whole.Span.Length);
    }

    [Fact]
    public void A_senders_buffer_is_never_written()
    {
        var tree = new ReductionTree(pool, 4);
        tree.Begin(4);
        BlockBuffer[] sent = [.. Enumerable.Range(0, 4).Select(i => pool.RentCopy(Constant(i)))];
        for (int i = 0; i < 4; i++)
        {
            tree.Offer(new SliceRange(i, 1), sent[i], new RangeStatistics(1, []));
        }

        Assert.Equal(Constant(6), tree.Sum.Span.ToArray());
        Assert.All(sent, (buffer, i) => Assert.Equal(Constant(i), buffer.Span.ToArray()));
    }

    [Fact]
    public void A_range_without_samples_or_off_the_tree_is_a_defect()
    {
        var tree = new ReductionTree(pool, 8);
        tree.Begin(4);
        Assert.Throws<ArgumentException>(() => Offer(tree, new SliceRange(0, 1), Constant(1)));
        Assert.Throws<ArgumentException>(() => Offer(tree, new SliceRange(2, 4), Constant(1)));
    }

    private SliceRange? Offer(ReductionTree tree, SliceRange range, float[] sum)
    {
        BlockBuffer buffer = pool.RentCopy(sum);
        SliceRange? top = tree.Offer(range, buffer, new RangeStatistics(sum[0], [sum[1]]));
        buffer.Release();
        return top;
    }

    private static float[] Constant(float value) => [.. Enumerable.Repeat(value, Floats)];

    private static float[]?[] Leaves(Random random, int slices, int rows) =>
    [
        .. Enumerable.Range(0, slices).Select(slice => new SliceRange(slice, 1).Rows(rows, slices) == 0
            ? null
            : Enumerable.Range(0, Floats).Select(_ => random.NextSingle() - 0.5f).ToArray()),
    ];

    /// <summary>The simple twin: the definition of docs/numerics.md, word for word.</summary>
    private static float[]? Recursive(float[]?[] leaves, SliceRange range)
    {
        if (range.Count == 1)
        {
            return leaves[range.First];
        }

        float[]? left = Recursive(leaves, range.LeftHalf);
        float[]? right = Recursive(leaves, range.RightHalf);
        return left is null ? right : right is null ? left : [.. left.Zip(right, (l, r) => l + r)];
    }

    private static void Cut(SliceRange range, Random random, List<SliceRange> pieces)
    {
        if (range.Count == 1 || random.Next(3) == 0)
        {
            pieces.Add(range);
            return;
        }

        Cut(range.LeftHalf, random, pieces);
        Cut(range.RightHalf, random, pieces);
    }

    private static SliceRange AnyRange(Random random, int slices)
    {
        var range = SliceRange.Root(slices);
        while (range.Count > 1 && random.Next(4) > 0)
        {
            range = random.Next(2) == 0 ? range.LeftHalf : range.RightHalf;
        }

        return range;
    }
}
