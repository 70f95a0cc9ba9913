using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

public class LossDerivativeTests
{
    public static TheoryData<string> Losses => [.. Loss.Names];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Loss_has_the_derivative_of_its_formula(string name)
    {
        var b = new GraphBuilder();
        ExactGradientCheck.Check(b.Build(b.Dense(b.Dense(b.Input(4), 6, Activation.Tanh), 5)).WithLoss(Loss.FromName(name)));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Loss_of_values_with_several_axes_is_their_mean(string name)
    {
        var b = new GraphBuilder();
        ExactGradientCheck.Check(b.Build(b.Dense(b.Input(3, 2, 4), 5)).WithLoss(Loss.FromName(name)));
    }

    public static TheoryData<string> Options => [.. Optional.Keys];

    private static readonly Dictionary<string, Loss> Optional = new()
    {
        ["huber 0.3"] = new Huber(0.3f),
        ["squared hinge"] = new Hinge(squared: true),
        ["sparse smoothed"] = new SparseCategoricalCrossentropy(0.1f),
        ["sparse without a class"] = new SparseCategoricalCrossentropy(ignoreClass: 0),
        ["categorical smoothed"] = new CategoricalCrossentropy(0.2f),
        ["binary smoothed"] = new BinaryCrossentropy(0.2f),
        ["sparse by class"] = new SparseCategoricalCrossentropy(0.1f, 1).Weighted([0.5f, 1, 2, 0, 3], WeightNormalization.Weights),
        ["categorical by class"] = new CategoricalCrossentropy().Weighted([0.5f, 1, 2, 0, 3], WeightNormalization.Samples),
        ["binary by class"] = new BinaryCrossentropy().Weighted([0.5f, 4], WeightNormalization.Weights),
        ["hinge by class"] = new Hinge().Weighted([0.5f, 4], WeightNormalization.Samples),
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_and_weights_have_the_derivative_of_their_formula(string name)
    {
        var b = new GraphBuilder();
        ExactGradientCheck.Check(b.Build(b.Dense(b.Dense(b.Input(4), 6, Activation.Tanh), 5)).WithLoss(Optional[name]), weighted: true);
        b = new GraphBuilder();
        ExactGradientCheck.Check(b.Build(b.Dense(b.Input(3, 2, 4), 5)).WithLoss(Optional[name]), weighted: true);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Loss_leaves_out_positions_that_are_padding(string name)
    {
        var b = new GraphBuilder();
        ExactGradientCheck.Check(b.Build(b.Dense(b.Masking(b.Input(6, 4)), 5)).WithLoss(Loss.FromName(name)));
    }

    [Theory]
    [InlineData("sparseCategoricalCrossentropy", "softmax")]
    [InlineData("categoricalCrossentropy", "softmax")]
    [InlineData("klDivergence", "softmax")]
    [InlineData("binaryCrossentropy", "sigmoid")]
    public void Loss_behind_its_activation_has_the_derivative_of_both(string loss, string activation)
    {
        var b = new GraphBuilder();
        ExactGradientCheck.Check(b.Build(b.Dense(b.Input(4), 5, Activation.FromName(activation))).WithLoss(Loss.FromName(loss)));
    }

    [Fact]
    public void Large_logits_give_a_finite_loss_and_gradient()
    {
        foreach (string name in new[] { "sparseCategoricalCrossentropy", "binaryCrossentropy" })
        {
            var b = new GraphBuilder();
            ModelGraph graph = b.Build(b.Dense(b.Input(1), 2, useBias: false)).WithLoss(Loss.FromName(name));
            var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 1), ForkJoinPool.Single);
            float[] targets = name[0] == 's' ? [1] : [0, 1];
            executor.Forward(new ForwardRun
            {
                Rows = 1,
                Inputs = [new float[] { 1000 }],
                Targets = targets,
                Parameters = [new float[] { 100, -100 }],
                SampleIndices = new[] { 0 },
            });
            var gradients = new CollectedGradients(graph);
            float loss = executor.SampleStatistics[Loss.LossColumn];
            executor.Backward(SliceTree.Create([1]), gradients);
            Assert.InRange(loss, 99_999, 200_001);
            Assert.Equal(name[0] == 's' ? [1000, -1000] : [500, -500], gradients.Values[0]);
        }
    }
}
