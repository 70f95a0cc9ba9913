using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>Every layer of normalisation, attention and convolution from a job, into a saved model and back.</summary>
public class LayerKindsTests
{
    private const string Pictures = """
        model:
          layers:
            - ZeroPadding2D: { padding: [0, 1, 2, 0] }
            - SeparableConv2D: { filters: 3, kernelSize: 3, activation: silu, strides: 2 }
            - DepthwiseConv2D: { kernelSize: 2, padding: same, activation: elu }
            - BatchNormalization: { momentum: 0.5, epsilon: 0.01, scale: false, unbiasedVariance: true }
            - Conv2DTranspose: { filters: 2, kernelSize: 3, strides: 2, activation: selu }
            - UpSampling2D: { size: [1, 2], interpolation: bilinear }
            - PReLU: { sharedPositions: true, alphaInitializer: ones }
            - ELU: { alpha: 0.5 }
            - GlobalAveragePooling2D
            - Dense: 3

        """;

    private const string Sequences = """
        model:
          layers:
            - Reshape: [12, 12]
            - Permute: { dims: [2, 1] }
            - Conv1D: { filters: 4, kernelSize: 3, padding: causal, activation: softplus }
            - SpatialDropout1D: 0.1
            - PositionEmbedding
            - TransformerBlock: { heads: 2, causal: true, epsilon: 0.00001, dropout: 0.1, hidden: 6 }
            - MultiHeadAttention: { heads: 2, keyDim: 3 }
            - LayerNormalization: { epsilon: 0.01, center: false }
            - Flatten
            - Dense: 3

        """;

    [Theory]
    [InlineData(Pictures)]
    [InlineData(Sequences)]
    public void Saved_and_read_again_they_predict_the_same(string yaml)
    {
        using var folder = new TestFolder();
        TrainingTask task = TestTasks.Task(yaml + "train: { steps: 3, batch: 16 }\n");
        var model = new Model(task.Graph);
        model.Adopt(task, new LocalTrainer(task).Run().Weights);
        model.Save(folder.Path);
        Model loaded = Model.Load(folder.Path);
        IDataSource data = TestTasks.Pictures(9, seed: 5);
        Assert.Equal(model.WeightsSha256, loaded.WeightsSha256);
        Assert.Equal(model.Predict(data), loaded.Predict(data));
    }

    [Theory]
    [InlineData("ZeroPadding2D", 14, 14)]
    [InlineData("{ ZeroPadding2D: { padding: [2] } }", 16, 16)]
    [InlineData("{ ZeroPadding2D: { padding: [1, 0, 0, 3] } }", 13, 15)]
    public void Zeros_around_a_picture_are_one_number_or_four(string layer, int height, int width)
    {
        TrainingTask task = TestTasks.Task($"model: {{ layers: [{layer}, Flatten, {{ Dense: 3 }}] }}");
        Assert.Equal(new Shape(height, width, 1), task.Graph.Nodes.First(node => node.Op is ZeroPadding2D).Shape);
    }

    [Fact]
    public void Two_numbers_of_zeros_around_a_picture_are_refused() => Assert.Contains(
        "padding: found 2 numbers; allowed: 1 for all, or 4 (top, bottom, left, right)",
        Assert.Throws<UserError>(() => TestTasks.Task("model: { layers: [{ ZeroPadding2D: { padding: [1, 2] } }, Flatten, { Dense: 3 }] }")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Slices_have_sixteen_samples_by_default_where_batches_are_normalised()
    {
        Assert.Equal(4, TestTasks.Task(Pictures + "train: { batch: 64 }\n", samples: 64).Slices);
        Assert.Equal(8, TestTasks.Task(Sequences + "train: { batch: 64 }\n", samples: 64).Slices);
        Assert.Equal(2, TestTasks.Task(Pictures + "train: { batch: 64, slices: 2 }\n", samples: 64).Slices);
    }

    [Fact]
    public void Layers_of_a_programs_own_train_and_are_named_where_they_cant_be_built()
    {
        using var folder = new TestFolder();
        var model = new Sequential { new Flatten(), new Dense(4), new Halved(), new Dense(3) };
        TrainingTask task = TrainingTask.Create(new TrainerOptions { Train = new TrainJob { Steps = 3, Batch = 16 } }, model, TestTasks.Pictures(40));
        float[] weights = new LocalTrainer(task).Run().Weights;
        Assert.NotEqual(task.InitialWeights(), weights);
        model.Adopt(task, weights);
        model.Save(folder.Path);
        Assert.Contains("class DistTrain.Training.Tests.LayerKindsTests+Halved", Assert.Throws<UserError>(() => Model.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>y = x / 2.</summary>
    private sealed class Halved : Op
    {
        public override string Kind => "halved";

        public override BackwardReads Reads => BackwardReads.None;

        public override Shape InferShape(in OpInputs inputs) => inputs[0];

        public override void Forward(ForwardContext context) => Elementwise.Scale(context.Pool, context.Input(0), 0.5f, context.Output);

        public override void Backward(BackwardContext context) =>
            Elementwise.Scale(context.Pool, context.OutputGradient, 0.5f, context.InputGradient(0));
    }
}
