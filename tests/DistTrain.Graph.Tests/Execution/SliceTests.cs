using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>What docs/numerics.md promises: ranges may be computed anywhere, and the tree over them gives the whole.</summary>
public class SliceTests
{
    private const int Slices = 8;

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string name in (string[])[.. TestGraphs.All, "batchNormalization"])
            {
                cases.Add(name, 37);
                cases.Add(name, 11);
                cases.Add(name, 5);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tree_over_ranges_is_the_whole_batch_bit_for_bit(string name, int rows)
    {
        ModelGraph graph = TestGraphs.Build(name);
        var batch = new GraphBatch(graph, rows, 3);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, rows), ForkJoinPool.Single);
        TrainingStep whole = TrainingStep.Of(executor, batch.Run(), SliceTree.ForRange(rows, Slices, 0, Slices));
        foreach (int rangeSlices in new[] { 4, 2, 1 })
        {
            TrainingStep summed = Climb(executor, batch, 0, Slices, rangeSlices)!;
            whole.AssertSameBits(summed);
        }
    }

    [Theory]
    [InlineData("chain")]
    [InlineData("dropout")]
    [InlineData("branches")]
    [InlineData("convolutions")]
    [InlineData("transformer")]
    [InlineData("batchNormalization")]
    public void Threads_dont_show_in_the_bits(string name)
    {
        ModelGraph graph = TestGraphs.Build(name);
        var batch = new GraphBatch(graph, 21, 4);
        var slices = SliceTree.ForRange(21, Slices, 0, Slices);
        using var pool = new ForkJoinPool(3);
        var threaded = new GraphExecutor(GraphPlan.ForTraining(graph, 21), pool);
        TrainingStep.Of(graph, batch.Run(), slices).AssertSameBits(TrainingStep.Of(threaded, batch.Run(), slices));
    }

    [Fact]
    public void Dropout_masks_depend_on_seed_pass_sample_and_name_and_on_nothing_else()
    {
        ModelGraph graph = TestGraphs.Build("dropout");
        var batch = new GraphBatch(graph, 4, 5);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 4), ForkJoinPool.Single);
        float[] Losses(ForwardRun run)
        {
            executor.Forward(run);
            return executor.SampleStatistics.ToArray();
        }

        float[] losses = Losses(batch.Run());
        Assert.Equal(losses[6..9], Losses(batch.Run(2, 1)));
        Assert.NotEqual(losses, Losses(batch.Run() with { Seed = 6 }));
        Assert.NotEqual(losses, Losses(batch.Run() with { Pass = 9 }));
        Assert.NotEqual(losses, Losses(batch.Run() with { SampleIndices = new[] { 1, 2, 3, 4 } }));
    }

    [Fact]
    public void Dropout_keeps_about_its_share_and_is_off_outside_training()
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dropout(b.Input(10_000), 0.25f)).WithLoss(new MeanAbsoluteError());
        var run = new ForwardRun
        {
            Rows = 1,
            Inputs = [Enumerable.Repeat(1f, 10_000).ToArray()],
            Targets = new float[10_000],
            Parameters = [],
            SampleIndices = new[] { 8 },
            Seed = 1,
        };
        var training = new GraphExecutor(GraphPlan.ForTraining(graph, 1), ForkJoinPool.Single);
        training.Forward(run);
        Assert.InRange(training.SampleStatistics[Loss.LossColumn], 0.97f, 1.03f);
        Assert.NotEqual(1, training.SampleStatistics[Loss.LossColumn]);
        var evaluation = new GraphExecutor(GraphPlan.ForEvaluation(graph, 1), ForkJoinPool.Single);
        evaluation.Forward(run);
        Assert.Equal(1, evaluation.SampleStatistics[Loss.LossColumn]);
    }

    /// <summary>The tree of numerics.md with ranges of some slices as leaves, each computed on its own; null when absent.</summary>
    private static TrainingStep? Climb(GraphExecutor executor, GraphBatch batch, int low, int high, int rangeSlices)
    {
        if (high - low == rangeSlices)
        {
            int first = SliceTree.SliceStart(batch.Rows, Slices, low);
            int rows = SliceTree.SliceStart(batch.Rows, Slices, high) - first;
            return rows == 0
                ? null
                : TrainingStep.Of(executor, batch.Run(first, rows), SliceTree.ForRange(batch.Rows, Slices, low, high - low));
        }

        int middle = (low + high) / 2;
        TrainingStep? left = Climb(executor, batch, low, middle, rangeSlices);
        TrainingStep? right = Climb(executor, batch, middle, high, rangeSlices);
        return left is null || right is null
            ? left ?? right
            : new TrainingStep(
                [.. left.SampleStatistics, .. right.SampleStatistics],
                Sum(left.Sums, right.Sums),
                [.. left.Gradients.Zip(right.Gradients, Sum)],
                left.Completed);
    }

    private static float[] Sum(float[] left, float[] right) => [.. left.Zip(right, (a, b) => a + b)];
}
