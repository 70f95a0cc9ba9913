using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

public class GraphExecutorTests
{
    public static TheoryData<string> Graphs => TestGraphs.Names;

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Gradients_are_those_of_the_loss_in_double_precision(string name) => ExactGradientCheck.Check(TestGraphs.Build(name), rows: 6, seed: 8);

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Rows_of_a_prediction_dont_depend_on_each_other(string name)
    {
        ModelGraph graph = TestGraphs.Build(name);
        var batch = new GraphBatch(graph, 7, 6);
        var executor = new GraphExecutor(GraphPlan.ForPrediction(graph, 7), ForkJoinPool.Single);
        executor.Forward(batch.Run());
        float[] together = executor.Prediction.ToArray();
        Assert.Equal(7 * graph.Output.Shape.Length, together.Length);
        var apart = new List<float>();
        for (int row = 0; row < 7; row++)
        {
            executor.Forward(batch.Run(row, 1));
            apart.AddRange(executor.Prediction);
        }

        Assert.Equal(TrainingStep.Bits(together), TrainingStep.Bits([.. apart]));
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Gradients_complete_once_each_and_last_layers_first(string name)
    {
        ModelGraph graph = TestGraphs.Build(name);
        TrainingStep step = TrainingStep.Of(graph, new GraphBatch(graph, 3, 1).Run(), SliceTree.Create([3]));
        IEnumerable<int> expected = graph.Nodes.Reverse()
            .SelectMany(node => node.Parameters.Where(parameter => IsFirstUse(graph, node, parameter)))
            .Select(parameter => parameter.Index);
        Assert.Equal(expected, step.Completed);
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Steps_allocate_nothing_once_the_first_ran(string name)
    {
        ModelGraph graph = TestGraphs.Build(name);
        var batch = new GraphBatch(graph, 8, 1);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 8), ForkJoinPool.Single);
        var slices = SliceTree.ForRange(8, 4, 0, 4);
        var gradients = new CollectedGradients(graph);
        ForwardRun run = batch.Run();
        float[] sums = new float[Loss.StatisticCount];
        long allocated = -1;
        for (int step = 0; step < 3; step++)
        {
            gradients.Clear();

            // What the runtime keeps only until a collection, as the name of a type, would be allocated anew.
            GC.Collect();
            long before = GC.GetAllocatedBytesForCurrentThread();
            executor.Forward(run);
            executor.SumStatistics(slices, sums);
            executor.Backward(slices, gradients);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Gate_is_asked_once_right_before_a_parameter_is_first_used()
    {
        ModelGraph graph = TestGraphs.Build("shared");
        var batch = new GraphBatch(graph, 3, 1);
        var gate = new LateParameters(batch.Parameters);
        ForwardRun run = batch.Run() with { Parameters = gate.Arrived, Gate = gate };
        TrainingStep late = TrainingStep.Of(graph, run, SliceTree.Create([3]));
        Assert.Equal([0, 1, 2, 3], gate.Asked);
        late.AssertSameBits(TrainingStep.Of(graph, batch.Run(), SliceTree.Create([3])));
    }

    [Fact]
    public void Gate_that_throws_ends_the_pass_and_the_next_one_works()
    {
        ModelGraph graph = TestGraphs.Build("chain");
        var batch = new GraphBatch(graph, 3, 1);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 3), ForkJoinPool.Single);
        var slices = SliceTree.Create([3]);
        Assert.Throws<OperationCanceledException>(() => executor.Forward(batch.Run() with { Gate = new ClosedGate() }));
        Assert.Throws<InvalidOperationException>(() => executor.Backward(slices, new CollectedGradients(graph)));
        TrainingStep.Of(executor, batch.Run(), slices).AssertSameBits(TrainingStep.Of(graph, batch.Run(), slices));
    }

    [Fact]
    public void Data_gradients_are_computed_only_on_the_way_to_parameters()
    {
        var before = new SpyOp();
        var after = new SpyOp();
        var b = new GraphBuilder();
        Value x = b.Apply(after, b.Dense(b.Apply(before, b.Input(3)), 2));
        ModelGraph graph = b.Build(x).WithLoss(new MeanSquaredError());
        TrainingStep.Of(graph, new GraphBatch(graph, 2, 1).Run(), SliceTree.Create([2]));
        Assert.Equal((1, 0), (before.Forwards, before.Backwards));
        Assert.Equal((1, 1), (after.Forwards, after.Backwards));
    }

    [Fact]
    public void Buffers_of_the_wrong_length_are_refused_by_name()
    {
        ModelGraph graph = TestGraphs.Build("branches");
        var batch = new GraphBatch(graph, 4, 1);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 4), ForkJoinPool.Single);
        ForwardRun run = batch.Run();
        Assert.Throws<ArgumentOutOfRangeException>(() => executor.Forward(run with { Rows = 5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => executor.Forward(run with { Rows = 0 }));
        AssertNames("'input'", run with { Rows = 3 });
        AssertNames("'input_1'", run with { Inputs = [run.Inputs[0], run.Inputs[1][1..]] });
        AssertNames("2 inputs", run with { Inputs = [] });
        AssertNames("'targets'", run with { Targets = default });
        AssertNames("'sample indices'", run with { SampleIndices = default });
        AssertNames("parameters", run with { Parameters = [] });
        executor.Forward(run);
        Assert.Throws<ArgumentException>(() => executor.Backward(SliceTree.Create([3]), new CollectedGradients(graph)));

        void AssertNames(string part, ForwardRun wrong) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => executor.Forward(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_of_a_value_are_added_in_graph_order_of_its_users()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(1), 1, useBias: false);
        Value y = b.Add(b.Dense(x, 1, useBias: false), b.Dense(x, 1, useBias: false), b.Dense(x, 1, useBias: false));
        ModelGraph graph = b.Build(y).WithLoss(new MeanAbsoluteError());
        var run = new ForwardRun
        {
            Rows = 1,
            Inputs = [new[] { 1f }],
            Targets = new[] { 0f },
            Parameters = [new[] { 1f }, new[] { 1e8f }, new[] { -1e8f }, new[] { 1f }],
            SampleIndices = new[] { 0 },
        };

        // (1e8 - 1e8) + 1; any other order rounds the 1 away.
        Assert.Equal([1f], TrainingStep.Of(graph, run, SliceTree.Create([1])).Gradients[0]);
    }

    [Fact]
    public void One_plan_serves_executors_on_several_threads()
    {
        ModelGraph graph = TestGraphs.Build("residual");
        var plan = GraphPlan.ForTraining(graph, 6);
        var slices = SliceTree.ForRange(6, 2, 0, 2);
        var batch = new GraphBatch(graph, 6, 1);
        var steps = new TrainingStep[4];
        Parallel.For(0, steps.Length, i => steps[i] = TrainingStep.Of(new GraphExecutor(plan, ForkJoinPool.Single), batch.Run(), slices));
        Assert.All(steps, step => step.AssertSameBits(steps[0]));
    }

    [Fact]
    public void Backward_follows_one_forward()
    {
        ModelGraph graph = TestGraphs.Build("chain");
        var batch = new GraphBatch(graph, 2, 1);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 2), ForkJoinPool.Single);
        var gradients = new CollectedGradients(graph);
        var slices = SliceTree.Create([2]);
        Assert.Throws<InvalidOperationException>(() => executor.Backward(slices, gradients));
        executor.Forward(batch.Run());
        float[] before = new float[Loss.StatisticCount], after = new float[Loss.StatisticCount];
        executor.SumStatistics(slices, before);
        executor.Backward(slices, gradients);
        executor.SumStatistics(slices, after);
        Assert.Equal(before, after);
        Assert.Throws<InvalidOperationException>(() => executor.Backward(slices, gradients));
    }

    private static bool IsFirstUse(ModelGraph graph, Node node, Parameter parameter) =>
        graph.Nodes.First(other => other.Parameters.Contains(parameter)) == node;

    private sealed class LateParameters(float[][] values) : IParameterGate
    {
        public ReadOnlyMemory<float>[] Arrived { get; } = new ReadOnlyMemory<float>[values.Length];

        public List<int> Asked { get; } = [];

        public void WaitFor(int parameterIndex)
        {
            Asked.Add(parameterIndex);
            Arrived[parameterIndex] = values[parameterIndex];
        }
    }

    private sealed class ClosedGate : IParameterGate
    {
        public void WaitFor(int parameterIndex) => throw new OperationCanceledException();
    }

    private sealed class SpyOp : Op
    {
        public override string Kind => "spy";

        public int Forwards { get; private set; }

        public int Backwards { get; private set; }

        public override Shape InferShape(in OpInputs inputs) => inputs[0];

        public override void Forward(ForwardContext context)
        {
            Forwards++;
            context.Input(0).CopyTo(context.Output);
        }

        public override void Backward(BackwardContext context)
        {
            Backwards++;
            context.OutputGradient.CopyTo(context.InputGradient(0));
        }
    }
}
