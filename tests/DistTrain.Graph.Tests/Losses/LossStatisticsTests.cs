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

    private static float[] Sums(Loss loss, int outputs, float[] predictions, float[] targets)
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Input(outputs)).WithLoss(loss);
        int rows = predictions.Length / outputs;
        var executor = new GraphExecutor(GraphPlan.ForEvaluation(graph, rows), ForkJoinPool.Single);
        executor.Forward(new ForwardRun { Rows = rows, Inputs = [predictions], Targets = targets, Parameters = [] });
        float[] sums = new float[Loss.StatisticCount];
        executor.SumStatistics(SliceTree.ForRange(rows, 2, 0, 2), sums);
        return sums;
    }
}
