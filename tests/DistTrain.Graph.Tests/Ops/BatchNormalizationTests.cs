using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>What golden dumps can't show: slices, their weights, single samples, freezing.</summary>
public class BatchNormalizationTests
{
    [Fact]
    public void Each_slice_is_normalised_by_its_own_statistics()
    {
        float[] x = [1, 3, 10, 30];
        Assert.Equal([-1f, 1, -1, 1], Losses(Graph(), x, SliceTree.Create([2, 2])).Select(value => MathF.Round(value, 2)));
        Assert.Equal([-0.87f, -0.70f, -0.09f, 1.66f], Losses(Graph(), x, SliceTree.Create([4])).Select(value => MathF.Round(value, 2)));
    }

    [Fact]
    public void Running_averages_take_the_slices_statistics_by_the_weight_of_their_samples()
    {
        ModelGraph graph = Graph();
        float[] weights = [1, 1, 0.5f, 1.5f, 1];
        CollectedGradients gradients = Backward(graph, [1, 3, 10, 30, 50], SliceTree.Create([2, 3]), weights);
        Assert.Equal(["batch_normalization/gamma", "batch_normalization/beta", "batch_normalization/moving_mean", "batch_normalization/moving_variance"], graph.Parameters.Select(p => p.Name));
        Assert.Equal((2f * 2) + (3 * 30), gradients.Values[2][0]);
        Assert.Equal((2f * 1) + (3f * 800 / 3), gradients.Values[3][0], 1e-3);
    }

    [Fact]
    public void Slice_of_a_single_value_uses_the_running_averages_and_hands_them_on()
    {
        ModelGraph graph = Graph();
        var slices = SliceTree.Create([2, 1]);
        float[] losses = Losses(graph, [1, 3, 10], slices);
        Assert.Equal((10 - 0.5f) / MathF.Sqrt(4 + 1e-3f), losses[2], 1e-5);
        CollectedGradients gradients = Backward(graph, [1, 3, 10], slices, []);
        Assert.Equal((2f * 2) + 0.5f, gradients.Values[2][0], 1e-5);
        Assert.Equal((2f * 1) + 4f, gradients.Values[3][0], 1e-5);
    }

    [Fact]
    public void Frozen_layer_uses_the_running_averages_in_training()
    {
        ModelGraph graph = Graph().WithRules(_ => ParameterRule.Frozen);
        float root = MathF.Sqrt(4 + 1e-3f);
        Assert.Equal([0.5f / root, 2.5f / root], Losses(graph, [1, 3], SliceTree.Create([2])), (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Statistics_of_two_inputs_are_refused()
    {
        var b = new GraphBuilder();
        Value first = b.BatchNormalization(b.Input(3));
        Assert.Contains("running statistics", Assert.Throws<UserError>(() => b.Again(first, b.Input(3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_that_doesnt_say_its_slices_is_our_bug()
    {
        ModelGraph graph = Graph();
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 2), ForkJoinPool.Single);
        Assert.Throws<InvalidOperationException>(() => executor.Forward(Run(graph, [1, 2], null, [])));
    }

    /// <summary>The loss of a sample is its normalised value, less 0.</summary>
    private static ModelGraph Graph()
    {
        var b = new GraphBuilder();
        return b.Build(b.BatchNormalization(b.Input(1))).WithLoss(new Identity());
    }

    private static float[] Losses(ModelGraph graph, float[] x, SliceTree slices)
    {
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, x.Length), ForkJoinPool.Single);
        executor.Forward(Run(graph, x, slices, []));
        float[] statistics = executor.SampleStatistics.ToArray();
        return [.. Enumerable.Range(0, x.Length).Select(row => statistics[row * Loss.StatisticCount])];
    }

    private static CollectedGradients Backward(ModelGraph graph, float[] x, SliceTree slices, float[] weights)
    {
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, x.Length), ForkJoinPool.Single);
        executor.Forward(Run(graph, x, slices, weights));
        var gradients = new CollectedGradients(graph);
        executor.Backward(slices, gradients);
        return gradients;
    }

    private static ForwardRun Run(ModelGraph graph, float[] x, SliceTree? slices, float[] weights) => new()
    {
        Rows = x.Length,
        Inputs = [x],
        Targets = new float[x.Length],
        Parameters = graph.Parameters.Count == 0 ? [] : [new[] { 1f }, new[] { 0f }, new[] { 0.5f }, new[] { 4f }],
        SampleIndices = new int[x.Length],
        SampleWeights = weights,
        Slices = slices,
    };

    private sealed class Identity : Loss
    {
        public override string Name => "identity";

        public override string MetricName => "identity";

        public override int CellsOf(Shape prediction) => prediction.Length;

        protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
        {
            context.Input(0).CopyTo(losses);
            metrics.Clear();
        }

        protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch) => dx.Fill(1);
    }
}
