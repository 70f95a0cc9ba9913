using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

public class LossFusionTests
{
    [Theory]
    [InlineData("sparseCategoricalCrossentropy", "softmax")]
    [InlineData("binaryCrossentropy", "sigmoid")]
    public void Models_with_and_without_the_last_activation_train_to_the_same_bits(string lossName, string activation)
    {
        Loss loss = Loss.FromName(lossName);
        Value Hidden(GraphBuilder b) => b.Dense(b.Input(8), 6, Activation.Tanh);
        var within = new GraphBuilder();
        var behind = new GraphBuilder();
        var without = new GraphBuilder();
        ModelGraph[] graphs =
        [
            within.Build(within.Dense(Hidden(within), 4, Activation.FromName(activation))).WithLoss(loss),
            behind.Build(behind.Activation(behind.Dense(Hidden(behind), 4), Activation.FromName(activation))).WithLoss(loss),
            without.Build(without.Dense(Hidden(without), 4)).WithLoss(loss),
        ];
        (float[][] gradients, float[] sums, float[] prediction)[] results = [.. graphs.Select(Train)];
        foreach ((float[][] gradients, float[] sums, float[] prediction) in results[1..])
        {
            Assert.Equal(results[0].gradients, gradients);
            Assert.Equal(results[0].sums, sums);
            Assert.Equal(results[0].prediction, prediction);
        }

        Assert.Equal(graphs[0].Parameters.Select(p => p.Name), graphs[2].Parameters.Select(p => p.Name));
    }

    [Fact]
    public void Prediction_of_a_model_that_gives_logits_is_probabilities_once_the_loss_is_known()
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dense(b.Input(3), 5)).WithLoss(new SparseCategoricalCrossentropy());
        Assert.Equal("prediction", graph.Output.Name);
        float[] prediction = Predict(graph, new GraphBatch(graph, 2, 7));
        Assert.Equal(1, prediction[..5].Sum(), 1e-6);
        Assert.All(prediction, p => Assert.InRange(p, 0, 1));
    }

    [Theory]
    [InlineData("softmax", "softmax")]
    [InlineData("sigmoid", "softmax")]
    public void Second_squashing_before_the_loss_is_refused(string first, string second)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(3), 5, Activation.FromName(first));
        ModelGraph graph = b.Build(b.Activation(x, Activation.FromName(second)));
        UserError error = Assert.Throws<UserError>(() => graph.WithLoss(new SparseCategoricalCrossentropy()));
        Assert.Contains($"dense/{first}", error.Message, StringComparison.Ordinal);
        Assert.Contains("squashed already", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sparseCategoricalCrossentropy", "sigmoid")]
    [InlineData("binaryCrossentropy", "softmax")]
    public void Activation_that_belongs_to_another_loss_is_refused(string loss, string activation)
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dense(b.Input(3), 5, Activation.FromName(activation)));
        UserError error = Assert.Throws<UserError>(() => graph.WithLoss(Loss.FromName(loss)));
        Assert.Contains($"dense/{activation}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Softmax_hidden_behind_dropout_and_views_is_still_found()
    {
        var b = new GraphBuilder();
        Value x = b.Reshape(b.Dropout(b.Dense(b.Input(3), 6, Activation.Softmax), 0.5f), new Shape(2, 3));
        ModelGraph graph = b.Build(x);
        Assert.Throws<UserError>(() => graph.WithLoss(new SparseCategoricalCrossentropy()));
    }

    [Fact]
    public void Softmax_inside_the_model_is_an_ordinary_layer()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Dense(b.Input(3), 5, Activation.Softmax), 4, Activation.Softmax);
        ExactGradientCheck.Check(b.Build(x).WithLoss(new SparseCategoricalCrossentropy()));
    }

    [Theory]
    [InlineData(true, "softmax", false)]
    [InlineData(true, "linear", true)]
    [InlineData(false, "softmax", true)]
    [InlineData(false, "linear", false)]
    public void FromLogits_only_asserts_what_the_graph_shows(bool fromLogits, string activation, bool accepted)
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dense(b.Input(3), 5, Activation.FromName(activation)));
        var loss = new SparseCategoricalCrossentropy { FromLogits = fromLogits };
        if (accepted)
        {
            Assert.Equal("dense", graph.WithLoss(loss).LossNode!.Inputs[0].Name);
        }
        else
        {
            Assert.Contains("fromLogits", Assert.Throws<UserError>(() => graph.WithLoss(loss)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_output_is_no_class_choice()
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Dense(b.Input(3), 1));
        UserError error = Assert.Throws<UserError>(() => graph.WithLoss(new SparseCategoricalCrossentropy()));
        Assert.Contains("(1)", error.Message, StringComparison.Ordinal);
    }

    private static (float[][] Gradients, float[] Sums, float[] Prediction) Train(ModelGraph graph)
    {
        var batch = new GraphBatch(graph, 9, 5);
        var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 9), ForkJoinPool.Single);
        var gradients = new CollectedGradients(graph);
        float[] sums = new float[Loss.StatisticCount];
        var slices = SliceTree.ForRange(9, 4, 0, 4);
        executor.Forward(batch.Run());
        executor.SumStatistics(slices, sums);
        executor.Backward(slices, gradients);
        return (gradients.Values, sums, Predict(graph, batch));
    }

    private static float[] Predict(ModelGraph graph, GraphBatch batch)
    {
        var predictor = new GraphExecutor(GraphPlan.ForPrediction(graph, batch.Rows), ForkJoinPool.Single);
        predictor.Forward(batch.Run());
        return predictor.Prediction.ToArray();
    }
}
