using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.TestKit;

/// <summary>
/// A small network whose output, loss, gradients and weights after ten optimizer steps an independent library has computed in
/// double precision: Golden/NAME.json of the test project, made by a script of tests/golden.
/// </summary>
public sealed class GoldenCase
{
    private const int Steps = 10;

    private readonly GoldenFile file;
    private readonly int rows;

    private GoldenCase(GoldenFile file)
    {
        this.file = file;
        rows = file.Inputs[0].Shape[0];
    }

    public static GoldenCase Load(string name) => new(GoldenFile.Read(name));

    /// <summary>Fails where a value is off by more than <paramref name="tolerance"/> of the largest of its array.</summary>
    /// <param name="build">From the inputs to the output, with layers of the names and in the order of the dump's parameters.</param>
    /// <param name="loss">Null: the mean squared error.</param>
    /// <param name="rule">Null: plain gradient descent. The learning rate is the dump's.</param>
    /// <param name="tolerance">A test that needs more than the default says why.</param>
    public void Check(
        Func<GraphBuilder, Value[], Value> build, Loss? loss = null, IUpdateRule? rule = null, double tolerance = Tolerances.Golden)
    {
        var b = new GraphBuilder();
        Value[] inputs = [.. file.Inputs.Select((input, i) => Source(b, input, i))];
        ModelGraph graph = b.Build(build(b, inputs)).WithLoss(loss ?? new MeanSquaredError());
        float[][] parameters = FirstValues(graph);
        var predictor = new GraphExecutor(GraphPlan.ForPrediction(graph, rows), ForkJoinPool.Single);
        predictor.Forward(Run(parameters));
        MustAgree("output", file.Output.Values, predictor.Prediction, tolerance);

        var trainer = new Trainer(graph, rule ?? new Sgd(), file.LearningRate);
        (float sum, float weight) = trainer.Gradients(Run(parameters));
        MustAgree("loss", [(float)file.Loss], [sum / weight], tolerance);
        foreach ((Parameter parameter, GoldenTensor tensor) in Pairs(graph))
        {
            if (tensor.Gradient is not null)
            {
                MustAgree($"gradient of {tensor.Name}", tensor.Gradient, [.. trainer.Sums[parameter.Index].Select(g => g / weight)], tolerance);
            }
        }

        for (int step = 0; step < Steps; step++)
        {
            trainer.Step(Run(parameters), parameters, NoProbe);
        }

        foreach ((Parameter parameter, GoldenTensor tensor) in Pairs(graph).Where(pair => pair.Tensor.Trained is not null))
        {
            MustAgree($"trained {tensor.Name}", tensor.Trained!, parameters[parameter.Index], tolerance);
        }
    }

    /// <summary>A probe holds the gradient of an input, and is no weight.</summary>
    private static bool NoProbe(Parameter parameter) => !parameter.Name.StartsWith("probe", StringComparison.Ordinal);

    private static void MustAgree(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance)
    {
        Assert.True(expected.Length == found.Length, $"{what}: {expected.Length} values in the dump, {found.Length} here");
        double largest = 0;
        foreach (float value in expected)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            double off = Math.Abs((double)found[i] - expected[i]) / Math.Max(largest, Tolerances.GoldenSmallest);
            Assert.True(off <= tolerance, $"{what}[{i}]: {found[i]:R}, in the dump {expected[i]:R}: off by {off:E1} of the largest, {largest:R}");
        }
    }

    private Value Source(GraphBuilder b, GoldenTensor input, int index)
    {
        Value x = b.Input(input.SampleShape());
        return input.Gradient is null ? x : b.Apply(new InputProbe(rows), x, $"probe{index}");
    }

    private ForwardRun Run(float[][] parameters) => new()
    {
        Rows = rows,
        Inputs = [.. file.Inputs.Select(input => (ReadOnlyMemory<float>)input.Values)],
        Targets = file.Target.Values,
        Parameters = [.. parameters.Select(values => (ReadOnlyMemory<float>)values)],
        SampleIndices = Enumerable.Range(0, rows).ToArray(),
    };

    private float[][] FirstValues(ModelGraph graph)
    {
        float[][] values = [.. graph.Parameters.Select(parameter => new float[parameter.Shape.Length])];
        foreach ((Parameter parameter, GoldenTensor tensor) in Pairs(graph).Where(pair => NoProbe(pair.Parameter)))
        {
            Assert.Equal(new Shape(tensor.Shape), parameter.Shape);
            tensor.Values.CopyTo(values[parameter.Index], 0);
        }

        return values;
    }

    /// <summary>Every parameter of the graph with its tensor in the dump: a probe's is the input's.</summary>
    private IEnumerable<(Parameter Parameter, GoldenTensor Tensor)> Pairs(ModelGraph graph)
    {
        GoldenTensor[] probed = [.. file.Inputs.Where(input => input.Gradient is not null)];
        Parameter[] weights = [.. graph.Parameters.Where(NoProbe)];
        Assert.Equal(file.Parameters.Select(tensor => tensor.Name), weights.Select(weight => weight.Name));
        IEnumerable<GoldenTensor> inputs = probed.Select((input, i) => input with { Name = $"input {i}" });
        return graph.Parameters.Where(parameter => !NoProbe(parameter)).Zip(inputs).Concat(weights.Zip(file.Parameters));
    }

    /// <summary>Optimizer steps on one batch, a slice.</summary>
    private sealed class Trainer(ModelGraph graph, IUpdateRule rule, float rate)
    {
        private readonly GraphExecutor executor = new(GraphPlan.ForTraining(graph, 64), ForkJoinPool.Single);
        private readonly CollectedGradients gradients = new(graph);
        private readonly float[][] slots = [.. graph.Parameters.Select(parameter => new float[rule.SlotCount * parameter.Shape.Length])];
        private OptimizerState state = OptimizerState.Initial;

        /// <summary>Gradients of the last pass, summed over the rows.</summary>
        public float[][] Sums => gradients.Values;

        public (float Loss, float Weight) Gradients(in ForwardRun run)
        {
            var slices = SliceTree.ForRange(run.Rows, 1, 0, 1);
            float[] sums = new float[Loss.StatisticCount];
            executor.Forward(run with { Slices = slices });
            executor.SumStatistics(slices, sums);
            executor.Backward(slices, gradients);
            return (sums[Loss.LossColumn], sums[Loss.WeightColumn]);
        }

        public void Step(in ForwardRun run, float[][] parameters, Func<Parameter, bool> isTrained)
        {
            (_, float weight) = Gradients(run);
            UpdateStep step = state.Begin(rule, rate);
            state = state.After(rule);
            foreach (Parameter parameter in graph.Parameters.Where(isTrained))
            {
                int i = parameter.Index;
                if (parameter.Rule.Kind == ParameterRuleKind.RunningStatistics)
                {
                    new RunningStatistics(parameter.Rule.Momentum).Update(step, gradients.Values[i], weight, parameters[i], parameters[i], [], []);
                    continue;
                }

                rule.Update(step, gradients.Values[i], weight, parameters[i], parameters[i], slots[i], slots[i]);
            }
        }
    }
}
