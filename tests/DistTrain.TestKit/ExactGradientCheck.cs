using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.TestKit;

/// <summary>
/// Compares a graph's loss and its gradients with central differences of the same loss evaluated in double precision. The
/// difference quotient is then exact to about 1e-10, so what remains is float32 rounding of the graph itself.
/// </summary>
public static class ExactGradientCheck
{
    /// <summary>Elements of a parameter that are checked; spread evenly where it has more.</summary>
    private const int ElementsMax = 60;

    /// <summary>Fails when a loss or a gradient is off by more than <see cref="Tolerances.Graph"/> of the largest of its array.</summary>
    /// <param name="graph">With a loss.</param>
    /// <param name="rows">Samples, in slices of four.</param>
    /// <param name="seed">Of inputs, targets and parameters.</param>
    /// <param name="weighted">Whether samples have weights.</param>
    public static void Check(ModelGraph graph, int rows = 5, int seed = 1, bool weighted = false)
    {
        var batch = new GraphBatch(graph, rows, seed, weighted);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, rows), ForkJoinPool.Single);
        var gradients = new CollectedGradients(graph);
        var slices = SliceTree.ForRange(rows, 4, 0, 4);
        float[] sums = new float[Loss.StatisticCount];
        executor.Forward(batch.Run() with { Slices = slices });
        executor.SumStatistics(slices, sums);
        executor.Backward(slices, gradients);

        var exact = new DoubleGraph(graph, batch);
        double[][] parameters = [.. batch.Parameters.Select(values => Array.ConvertAll(values, v => (double)v))];
        double loss = exact.LossSum(parameters);
        Assert.True(
            Math.Abs(loss - sums[Loss.LossColumn]) <= Tolerances.Graph * Math.Max(1, Math.Abs(loss)),
            $"loss {sums[Loss.LossColumn]:R}, in double {loss:R}");
        Assert.NotEmpty(parameters);
        foreach (Parameter parameter in graph.Parameters)
        {
            CheckParameter(exact, parameters, parameter, gradients.Values[parameter.Index]);
        }
    }

    private static void CheckParameter(DoubleGraph exact, double[][] parameters, Parameter parameter, float[] gradient)
    {
        double[] values = parameters[parameter.Index];
        double largest = gradient.Max(Math.Abs);
        Assert.True(largest > 0 && double.IsFinite(largest), $"'{parameter.Name}': the gradient's largest element is {largest}");
        int stride = Math.Max(1, values.Length / ElementsMax);
        for (int i = 0; i < values.Length; i += stride)
        {
            double value = values[i];
            values[i] = value + Tolerances.DifferenceStep;
            double above = exact.LossSum(parameters);
            values[i] = value - Tolerances.DifferenceStep;
            double below = exact.LossSum(parameters);
            values[i] = value;
            double expected = (above - below) / (2 * Tolerances.DifferenceStep);
            Assert.True(
                Math.Abs(gradient[i] - expected) <= Tolerances.Graph * Math.Max(largest, 1e-3),
                $"'{parameter.Name}'[{i}]: gradient {gradient[i]:R}, difference quotient {expected:R}");
        }
    }
}
