using DistTrain.Tensors;

namespace DistTrain.Graph.Tests;

public class LossStatisticsTests
{
    [Fact]
    public void Sparse_accuracy_counts_the_first_largest_output()
    {
        float[] sums = Sums(new SparseCategoricalCrossentropy(), 3, [0, 1, 1, /**/ 2, 2, 2, /**/ 5, 6, 4], [1, 0, 2]);
        Assert.Equal(2, sums[Loss.MetricColumn]);
        Assert.Equal(3, sums[Loss.WeightColumn]);
    }

    [Fact]
    public void Binary_accuracy_is_the_share_of_outputs_on_the_right_side()
    {
        float[] sums = Sums(new BinaryCrossentropy(), 2, [1, -1, /**/ 0, 3], [1, 1, /**/ 0, 1]);
        Assert.Equal(0.5f + 1, sums[Loss.MetricColumn]);
        Assert.Equal(2, sums[Loss.WeightColumn]);
    }

    [Fact]
    public void Regression_sums_squared_and_absolute_errors_as_means_over_outputs()
    {
        float[] squared = Sums(new MeanSquaredError(), 2, [1, 2, /**/ 3, 4], [0, 4, /**/ 3, 1]);
        Assert.Equal([(1 + 4) / 2f + 9 / 2f, (1 + 2) / 2f + 3 / 2f, 2], squared);
        float[] absolute = Sums(new MeanAbsoluteError(), 2, [1, 2, /**/ 3, 4], [0, 4, /**/ 3, 1]);
        Assert.Equal([3f, 3f, 2f], absolute);
    }

    [Fact]
    public void Mean_is_over_the_positions_that_are_there()
    {
        float[] x = [1, 3, /**/ 2, 7, /**/ 0, 0, /**/ 0, 0];
        float[] sums = MaskedSums(new MeanAbsoluteError(), x, [1, 4, /**/ 0, 6, /**/ 9, 9, /**/ 9, 9]);
        Assert.Equal([(0 + 1 + 2 + 1) / 8f, 4 / 8f, 0.5f], sums);
        sums = MaskedSums(new SparseCategoricalCrossentropy(), x, [1, 0, 1, 0]);
        Assert.Equal(1 / 4f, sums[Loss.MetricColumn]);
        Assert.Equal(0.5f, sums[Loss.WeightColumn]);
        double expected = (Math.Log(1 + Math.Exp(-2)) + 5 + Math.Log(1 + Math.Exp(-5))) / 2;
        Assert.Equal(expected, sums[Loss.LossColumn] / sums[Loss.WeightColumn], 1e-6);
        sums = MaskedSums(new BinaryCrossentropy(), x, [1, 1, /**/ 1, 0, /**/ 0, 0, /**/ 0, 0]);
        Assert.Equal([3 / 8f, 0.5f], sums[1..]);
    }

    [Fact]
    public void Mask_without_padding_changes_no_bit()
    {
        float[] x = [1, 3, /**/ 2, 7, /**/ 1, -2, /**/ 0, 5];
        foreach (string name in Loss.Names)
        {
            float[] targets = name == "sparseCategoricalCrossentropy" ? [1, 0, 1, 0] : [0, 1, 0, 0, 1, 0, 0, 1];
            Assert.Equal(MaskedSums(Loss.FromName(name), x, targets), MaskedSums(Loss.FromName(name), x, targets, masked: false));
        }
    }

    [Fact]
    public void Weights_multiply_losses_and_stand_in_the_denominators_as_the_normalization_says()
    {
        float[] predictions = [0, 0, /**/ 0, 0, /**/ 0, 1];
        float[] targets = [0, 1, 1];
        float even = MathF.Log(2), right = MathF.Log(1 + MathF.Exp(-1));
        Loss byWeights = new SparseCategoricalCrossentropy().Weighted([1, 3], WeightNormalization.Weights);
        Loss bySamples = new SparseCategoricalCrossentropy().Weighted([1, 3], WeightNormalization.Samples);
        float[] weights = [2, 1, 0.5f];

        Close([(2 * even) + (3 * even) + (1.5f * right), 2 + 1.5f, 2 + 3 + 1.5f], Sums(byWeights, 2, predictions, targets, weights, training: true));
        Close([(2 * even) + (3 * even) + (1.5f * right), 2, 3], Sums(bySamples, 2, predictions, targets, weights, training: true));

        // Classes weigh while training only, samples always.
        Close([(2 * even) + even + (0.5f * right), 2 + 0.5f, 3.5f], Sums(byWeights, 2, predictions, targets, weights));
        Close([(2 * even) + right, 2, 3], Sums(byWeights, 2, predictions, targets));
    }

    [Fact]
    public void Positions_that_are_left_out_count_nowhere()
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Input(2, 2)).WithLoss(new SparseCategoricalCrossentropy(ignoreClass: -1));
        float[] predictions = [0, 1, float.MaxValue, -float.MaxValue, /**/ 1, 0, 0, 1];
        float[] sums = Sums(graph, predictions, [1, -1, 1, 1]);
        float right = MathF.Log(1 + MathF.Exp(-1)), wrong = MathF.Log(1 + MathF.Exp(1));
        Close([(right / 2) + ((wrong + right) / 2), 0.5f + 0.5f, 0.5f + 1], sums);
    }

    [Fact]
    public void Weights_of_one_give_the_bits_of_no_weights()
    {
        float[] predictions = [0.3f, 0.1f, /**/ -1, 0.7f], targets = [0, 1];
        Assert.Equal(Sums(new SparseCategoricalCrossentropy(), 2, predictions, targets), Sums(new SparseCategoricalCrossentropy(), 2, predictions, targets, [1, 1]));
    }

    [Theory]
    [InlineData("meanSquaredError", 2, "no classes")]
    [InlineData("sparseCategoricalCrossentropy", 2, "3 classes and 2 class weights")]
    public void Class_weights_that_fit_no_class_are_refused(string name, int count, string expected)
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dense(b.Input(3), 3));
        UserError error = Assert.Throws<UserError>(() => graph.WithLoss(Loss.FromName(name).Weighted(new float[count], WeightNormalization.Weights)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    [InlineData(1e20f)]
    public void Target_that_is_no_class_is_refused_with_the_sample(float target)
    {
        UserError error = Assert.Throws<UserError>(() => Sums(new SparseCategoricalCrossentropy(), 3, [0, 0, 0], [target]));
        Assert.Contains("row 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("classes 0 to 2", error.Message, StringComparison.Ordinal);
    }

    /// <summary>One sample of four positions with two values each.</summary>
    private static float[] MaskedSums(Loss loss, float[] x, float[] targets, bool masked = true)
    {
        var b = new GraphBuilder();
        Value input = b.Input(4, 2);
        ModelGraph graph = b.Build(masked ? b.Masking(input) : input).WithLoss(loss);
        var executor = new GraphExecutor(GraphPlan.ForEvaluation(graph, 1), ForkJoinPool.Single);
        executor.Forward(new ForwardRun { Rows = 1, Inputs = [x], Targets = targets, Parameters = [] });
        return executor.SampleStatistics.ToArray();
    }

    private static void Close(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 2e-6f));
    }

    private static float[] Sums(Loss loss, int outputs, float[] predictions, float[] targets, float[]? weights = null, bool training = false)
    {
        var b = new GraphBuilder();
        return Sums(b.Build(b.Input(outputs)).WithLoss(loss), predictions, targets, weights, training);
    }

    private static float[] Sums(ModelGraph graph, float[] predictions, float[] targets, float[]? weights = null, bool training = false)
    {
        int rows = predictions.Length / graph.Inputs[0].Shape.Length;
        var executor = new GraphExecutor(training ? GraphPlan.ForTraining(graph, rows) : GraphPlan.ForEvaluation(graph, rows), ForkJoinPool.Single);
        executor.Forward(new ForwardRun
        {
            Rows = rows,
            Inputs = [predictions],
            Targets = targets,
            SampleWeights = weights,
            Parameters = [],
            SampleIndices = training ? new int[rows] : default,
        });
        float[] sums = new float[Loss.StatisticCount];
        executor.SumStatistics(SliceTree.ForRange(rows, 2, 0, 2), sums);
        return sums;
    }
}
