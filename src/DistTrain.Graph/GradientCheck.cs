using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Holds a graph's gradients against difference quotients of its own loss: the first test of an op of your own. Finds a wrong
/// derivative; a wrong formula only a test of values can find.
/// </summary>
/// <remarks>
/// Quotients at two steps are extrapolated (Richardson), so that what the loss curves is left out to the fourth order; what remains
/// is the rounding of losses in single precision, some 1e-5 of the loss over the step.
/// </remarks>
public static class GradientCheck
{
    /// <summary>Elements of a parameter that are checked; spread evenly where it has more.</summary>
    private const int ElementsMax = 40;

    private const float Step = 1f / 64;

    /// <summary>Of a parameter's largest gradient.</summary>
    private const double Tolerance = 5e-3;

    /// <summary>Draws inputs, parameters and targets, and checks the gradient of every trained parameter.</summary>
    /// <param name="graph">With a loss that takes any number as target, such as <see cref="MeanSquaredError"/>. To check an op's gradient for its
    /// input, put a Dense before it.</param>
    /// <param name="rows">Samples, in up to four slices.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <exception cref="InvalidOperationException">A gradient is wrong; the message names parameter and element, with both values.</exception>
    public static void Check(ModelGraph graph, int rows = 5, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var slices = SliceTree.ForRange(rows, 4, 0, 4);
        float[][] parameters = [.. graph.Parameters.Select(parameter => Draw(seed, parameter.Name, parameter.Shape.Length))];
        var run = new ForwardRun
        {
            Rows = rows,
            Inputs = [.. graph.Inputs.Select(input => (ReadOnlyMemory<float>)Draw(seed, input.Name, rows * input.Shape.Length))],
            Targets = Draw(seed, "targets", rows * (graph.LossNode ?? throw new ArgumentException("The graph has no loss.", nameof(graph)))
                .Inputs[0].Shape.Length),
            Parameters = [.. parameters.Select(values => (ReadOnlyMemory<float>)values)],
            SampleIndices = Enumerable.Range(0, rows).ToArray(),
            Seed = (ulong)seed,
            Slices = slices,
        };
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, rows), ForkJoinPool.Single);
        var gradients = new Sink(graph);
        executor.Forward(run);
        executor.Backward(slices, gradients);
        foreach (Parameter parameter in graph.Parameters.Where(parameter => parameter.Rule.Kind == ParameterRuleKind.Optimizer))
        {
            CheckParameter(executor, run, parameter, parameters[parameter.Index], gradients.Values[parameter.Index]);
        }
    }

    private static void CheckParameter(GraphExecutor executor, in ForwardRun run, Parameter parameter, float[] values, float[] gradient)
    {
        double largest = Math.Max(gradient.Max(Math.Abs), 1e-3);
        for (int i = 0; i < values.Length; i += Math.Max(1, values.Length / ElementsMax))
        {
            double wide = Quotient(executor, run, values, i, Step), narrow = Quotient(executor, run, values, i, Step / 2);
            double expected = ((4 * narrow) - wide) / 3;
            if (!(Math.Abs(gradient[i] - expected) <= Tolerance * largest))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"'{parameter.Name}'[{i}]: the gradient is {gradient[i]}, the loss changes by {expected:G6} (largest gradient {largest:G3})."));
            }
        }
    }

    private static double Quotient(GraphExecutor executor, in ForwardRun run, float[] values, int index, float step)
    {
        float value = values[index];
        values[index] = value + step;
        double width = values[index] - value, above = LossSum(executor, run);
        values[index] = value - step;
        width += value - values[index];
        double below = LossSum(executor, run);
        values[index] = value;
        return (above - below) / width;
    }

    private static double LossSum(GraphExecutor executor, in ForwardRun run)
    {
        executor.Forward(run);
        ReadOnlySpan<float> statistics = executor.SampleStatistics;
        double sum = 0;
        for (int row = 0; row < run.Rows; row++)
        {
            sum += statistics[(row * Loss.StatisticCount) + Loss.LossColumn];
        }

        return sum;
    }

    /// <summary>Uniform in [-1, 1).</summary>
    private static float[] Draw(int seed, string name, int length)
    {
        float[] values = new float[length];
        Philox.FillUniform((ulong)seed, sample: 0, pass: 0, Philox.Stream(name), values);
        return Array.ConvertAll(values, value => (2 * value) - 1);
    }

    private sealed class Sink(ModelGraph graph) : IGradientSink
    {
        public float[][] Values { get; } = [.. graph.Parameters.Select(parameter => new float[parameter.Shape.Length])];

        public Span<float> Destination(int parameterIndex) => Values[parameterIndex];

        public void Complete(int parameterIndex)
        {
        }
    }
}
