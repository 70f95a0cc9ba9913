using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Everything that one forward and backward pass gives, to be compared bit for bit.</summary>
internal sealed record TrainingStep(float[] SampleStatistics, float[] Sums, float[][] Gradients, int[] Completed)
{
    public static TrainingStep Of(GraphExecutor executor, ForwardRun run, SliceTree slices)
    {
        var gradients = new CollectedGradients(executor.Plan.Graph);
        float[] sums = new float[Loss.StatisticCount];
        executor.Forward(run with { Slices = slices });
        float[] samples = executor.SampleStatistics.ToArray();
        executor.SumStatistics(slices, sums);
        executor.Backward(slices, gradients);
        return new TrainingStep(samples, sums, gradients.Values, [.. gradients.Completed]);
    }

    public static TrainingStep Of(ModelGraph graph, ForwardRun run, SliceTree slices) =>
        Of(new GraphExecutor(GraphPlan.ForTraining(graph, run.Rows), ForkJoinPool.Single), run, slices);

    /// <summary>Same bits: NaN equals NaN, and -0 differs from +0.</summary>
    public void AssertSameBits(TrainingStep other)
    {
        Assert.Equal(Bits(SampleStatistics), Bits(other.SampleStatistics));
        Assert.Equal(Bits(Sums), Bits(other.Sums));
        Assert.Equal(Gradients.Select(Bits), other.Gradients.Select(Bits));
    }

    public static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
