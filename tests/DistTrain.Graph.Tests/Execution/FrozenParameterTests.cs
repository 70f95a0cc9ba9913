using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

public class FrozenParameterTests
{
    public static TheoryData<string> Graphs => TestGraphs.Names;

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Frozen_parameters_get_a_gradient_of_zero_and_others_the_same_bits(string name)
    {
        ModelGraph graph = TestGraphs.Build(name);
        TrainingStep all = Step(graph);
        for (int frozen = 0; frozen < graph.Parameters.Count; frozen++)
        {
            TrainingStep step = Step(graph.WithRules(parameter => parameter.Index == frozen ? ParameterRule.Frozen : parameter.Rule));
            Assert.Equal(all.Completed.Order(), step.Completed.Order());
            Assert.All(step.Gradients[frozen], gradient => Assert.Equal(0, gradient));
            Assert.Equal(
                all.Gradients.Where((_, i) => i != frozen).Select(TrainingStep.Bits),
                step.Gradients.Where((_, i) => i != frozen).Select(TrainingStep.Bits));
        }
    }

    [Fact]
    public void Layers_before_the_first_trained_one_run_no_backward_pass()
    {
        ModelGraph graph = TestGraphs.Build("chain");
        int last = graph.Parameters.Count - 2;
        ModelGraph frozen = graph.WithRules(parameter => parameter.Index < last ? ParameterRule.Frozen : parameter.Rule);
        GraphPlan plan = GraphPlan.ForTraining(frozen, 4);
        Assert.Equal(["dense_1", "loss"], plan.Nodes.Where(node => node.HasGradient).Select(node => node.Node.Name));
    }

    private static TrainingStep Step(ModelGraph graph) =>
        TrainingStep.Of(graph, new GraphBatch(graph, 6, 2).Run(), SliceTree.ForRange(6, 2, 0, 2));
}
