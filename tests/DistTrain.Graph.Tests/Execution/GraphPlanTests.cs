using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

public class GraphPlanTests
{
    public static TheoryData<string> Graphs => TestGraphs.Names;

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Reused_memory_gives_the_bits_of_memory_that_is_never_reused(string name)
    {
        ModelGraph graph = TestGraphs.Build(name);
        var plain = GraphPlan.Create(graph, 11, PlanPurpose.Training, new PlanOptions(KeepEverything: true));
        var tight = GraphPlan.ForTraining(graph, 11);
        Assert.True(tight.ArenaFloats < plain.ArenaFloats, $"{tight.ArenaFloats} floats with reuse, {plain.ArenaFloats} without");
        var executor = new GraphExecutor(tight, ForkJoinPool.Single);
        foreach (int rows in new[] { 11, 3, 8 })
        {
            var batch = new GraphBatch(graph, rows, rows);
            var slices = SliceTree.ForRange(rows, 4, 0, 4);
            executor.Poison(float.NaN);
            TrainingStep reused = TrainingStep.Of(executor, batch.Run(), slices);
            TrainingStep kept = TrainingStep.Of(new GraphExecutor(plain, ForkJoinPool.Single), batch.Run(), slices);
            kept.AssertSameBits(reused);
            Assert.All(reused.Gradients, gradient => Assert.DoesNotContain(float.NaN, gradient));
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Fused_relu_gives_the_bits_of_the_node_it_replaces(string name)
    {
        ModelGraph graph = TestGraphs.Build(name);
        var batch = new GraphBatch(graph, 6, 2);
        var slices = SliceTree.ForRange(6, 2, 0, 2);
        var unfused = GraphPlan.Create(graph, 6, PlanPurpose.Training, new PlanOptions(Unfused: true));
        TrainingStep.Of(graph, batch.Run(), slices)
            .AssertSameBits(TrainingStep.Of(new GraphExecutor(unfused, ForkJoinPool.Single), batch.Run(), slices));
    }

    [Fact]
    public void Relu_behind_a_layer_is_fused_whether_it_is_an_argument_or_a_layer()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(4), 5, Activation.ReLU);
        x = b.Activation(b.Dense(x, 5), Activation.ReLU);
        Value twice = b.Dense(x, 5);
        Value y = b.Add(b.Activation(twice, Activation.ReLU), twice);
        GraphPlan plan = GraphPlan.ForPrediction(b.Build(y), 2);
        Assert.Equal(["dense", "dense_1"], plan.Nodes.Where(node => node.FuseRelu).Select(node => node.Node.Name));
    }

    [Fact]
    public void Views_and_elementwise_chains_take_no_memory_of_their_own_in_predictions()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(16), 32);
        x = b.Activation(b.Activation(x, Activation.Sigmoid), Activation.LeakyReLU());
        x = b.Flatten(b.Dropout(b.Reshape(x, new Shape(4, 8)), 0.5f));
        Assert.Equal(32 * 10, GraphPlan.ForPrediction(b.Build(x), 10).ArenaFloats);
    }

    [Fact]
    public void Long_chain_predicts_in_the_memory_of_its_two_largest_neighbours()
    {
        var b = new GraphBuilder();
        Value x = b.Input(16);
        for (int i = 0; i < 12; i++)
        {
            x = b.Dense(x, 32, Activation.ReLU);
        }

        Assert.Equal(2 * 32 * 8, GraphPlan.ForPrediction(b.Build(x), 8).ArenaFloats);
    }

    [Fact]
    public void Value_added_to_itself_last_is_not_overwritten_first()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(1), 1, useBias: false), y = b.Dense(x, 1, useBias: false);
        var executor = new GraphExecutor(GraphPlan.ForPrediction(b.Build(b.Add(x, y, b.Flatten(x))), 1), ForkJoinPool.Single);
        executor.Forward(new ForwardRun { Rows = 1, Inputs = [new[] { 3f }], Parameters = [new[] { 2f }, new[] { 10f }] });
        Assert.Equal([6f + 60 + 6], executor.Prediction.ToArray());
    }

    [Fact]
    public void Batch_beyond_what_an_array_holds_is_refused_with_a_hint()
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dense(b.Input(4), 50_000));
        UserError error = Assert.Throws<UserError>(() => GraphPlan.ForPrediction(graph, 100_000));
        Assert.Contains("batch of 100000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_that_reach_the_loss_need_one()
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dense(b.Input(4), 2));
        Assert.Throws<InvalidOperationException>(() => GraphPlan.ForTraining(graph, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => GraphPlan.ForPrediction(graph, 0));
    }
}
