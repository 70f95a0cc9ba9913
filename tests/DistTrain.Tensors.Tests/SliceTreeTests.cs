namespace DistTrain.Tensors.Tests;

public class SliceTreeTests
{
    [Fact]
    public void The_stack_walk_sums_as_the_recursion_of_the_contract_does()
    {
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            int[] rows = new int[1 << random.Next(7)];
            for (int leaf = 0; leaf < rows.Length; leaf++)
            {
                rows[leaf] = random.Next(i % 4);
            }

            SliceTree tree = SliceTree.Create(rows);
            float[] leaves = [.. rows.Select(count => (random.NextSingle() - 0.5f) * (1 << random.Next(20)))];
            Assert.Equal(Recursive(rows, leaves, 0, rows.Length), Walked(tree, [.. leaves.Where((_, leaf) => rows[leaf] > 0)]));
            Assert.Equal(rows.Sum(), tree.Rows);
            Assert.Equal(rows.Where(count => count > 0), tree.RowCounts.ToArray());
        }
    }

    [Theory]
    [InlineData(60, 8)]
    [InlineData(61, 8)]
    [InlineData(3, 8)]
    [InlineData(0, 4)]
    [InlineData(2_000_000_000, 1024)]
    public void Ranges_tile_the_batch_and_differ_by_at_most_one_sample(int batchRows, int slices)
    {
        for (int count = 1; count <= slices; count *= 2)
        {
            int row = 0;
            for (int first = 0; first < slices; first += count)
            {
                SliceTree tree = SliceTree.ForRange(batchRows, slices, first, count);
                Assert.Equal(row, SliceTree.SliceStart(batchRows, slices, first));
                Assert.All(tree.RowCounts.ToArray(), rows => Assert.InRange(rows, Math.Max(1, batchRows / slices), (batchRows / slices) + 1));
                row += tree.Rows;
            }

            Assert.Equal(batchRows, row);
        }
    }

    [Fact]
    public void Scaling_keeps_the_tree_and_is_made_once()
    {
        SliceTree tree = SliceTree.Create([2, 0, 1, 3]);
        SliceTree scaled = tree.Scale(10);
        Assert.Equal([0, 20, 30], scaled.RowStarts.ToArray());
        Assert.Equal([20, 10, 30], scaled.RowCounts.ToArray());
        Assert.Equal(tree.MergesAfter.ToArray(), scaled.MergesAfter.ToArray());
        Assert.Equal((60, tree.StackDepth), (scaled.Rows, scaled.StackDepth));
        Assert.NotSame(scaled, tree.Scale(9));
        Assert.Same(scaled, tree.Scale(10));
        Assert.Throws<OverflowException>(() => tree.Scale(int.MaxValue));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_number_of_leaves_that_is_no_power_of_two_is_refused(int leaves) =>
        Assert.Throws<ArgumentException>(() => SliceTree.Create(new int[leaves]));

    private static float? Recursive(int[] rows, float[] leaves, int low, int high)
    {
        if (high - low == 1)
        {
            return rows[low] > 0 ? leaves[low] : null;
        }

        int middle = (low + high) / 2;
        float? left = Recursive(rows, leaves, low, middle), right = Recursive(rows, leaves, middle, high);
        return left is null ? right : right is null ? left : left + right;
    }

    private static float? Walked(SliceTree tree, float[] present)
    {
        var stack = new Stack<float>();
        for (int i = 0; i < tree.PresentLeaves; i++)
        {
            float sum = present[i];
            for (int merge = 0; merge < tree.MergesAfter[i]; merge++)
            {
                sum = stack.Pop() + sum;
            }

            stack.Push(sum);
            Assert.InRange(stack.Count, 1, tree.StackDepth);
        }

        Assert.InRange(stack.Count, 0, 1);
        return stack.Count == 0 ? null : stack.Pop();
    }
}
