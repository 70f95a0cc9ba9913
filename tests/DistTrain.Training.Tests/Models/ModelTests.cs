using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class ModelTests
{
    private const string Train = "\ntrain: { batch: 16, slices: 4, steps: 3 }";

    /// <summary>The network of keras.io/examples/vision/mnist_convnet, as written there, without its dropout.</summary>
    private const string Keras = """
        model:
          layers:
            - Conv2D: { filters: 32, kernel_size: [3, 3], activation: relu }
            - MaxPooling2D: { pool_size: [2, 2] }
            - Conv2D: { filters: 64, kernel_size: [3, 3], activation: relu }
            - MaxPooling2D: { pool_size: [2, 2] }
            - Flatten: {}
            - Dense: { units: 3, activation: softmax }
        """;

    [Fact]
    public void Keras_net_written_out_in_yaml_or_code_gives_the_presets_hash()
    {
        string preset = Hash(TestTasks.Task("model: { preset: cnn }" + Train));
        Assert.Equal(preset, Hash(TestTasks.Task(Keras + Train.Replace("steps", "loss: SparseCategoricalCrossentropy, steps", StringComparison.Ordinal))));
        Assert.Equal(preset, Hash(TestTasks.Task(Keras.Replace("{ units: 3, activation: softmax }", "3\n    - Activation: softmax", StringComparison.Ordinal) + Train)));
        var model = new Sequential
        {
            new Conv2D(32, 3, Activation.ReLU),
            new MaxPooling2D(2),
            new Conv2D(64, 3, Activation.ReLU),
            new MaxPooling2D(2),
            new Flatten(),
            new Dense(3, Activation.Softmax),
        };
        Assert.Equal(preset, Hash(TaskOf(model)));
        Assert.NotEqual(preset, Hash(TestTasks.Task("model: { preset: mlp }" + Train)));
    }

    [Fact]
    public void The_presets_are_the_networks_they_say()
    {
        Assert.Equal((320 + 18496 + (5 * 5 * 64 * 10) + 10, 10), Size(PresetKind.Cnn, new Shape(28, 28, 1), 10));
        Assert.Equal(((785 * 512) + (513 * 256) + (257 * 10), 10), Size(PresetKind.Mlp, new Shape(28, 28, 1), 10));
        Assert.Equal((818_241, 64 * 65), Size(PresetKind.CharTransformer, new Shape(64), 65));
        Assert.Equal((78_042 + 672, 10), Size(PresetKind.Resnet8, new Shape(32, 32, 3), 10));
        Assert.Equal((272_474 + 1568, 10), Size(PresetKind.Resnet20, new Shape(32, 32, 3), 10));
        Assert.Equal(((5 * 512) + (513 * 256) + (257 * 3), 3), Size(null, new Shape(4), 3));

        static (long Parameters, int Outputs) Size(PresetKind? preset, Shape shape, int outputs)
        {
            ModelGraph graph = GraphFromJob.Build(new ModelJob { Preset = preset }, shape, outputs);
            return (graph.ParameterCount, graph.Output.Shape.Length);
        }
    }

    [Theory]
    [InlineData("model: { preset: cnn }", "model.preset: cnn can't take samples (4); allowed: pictures (height, width, channels) of at least 10 x 10, or preset mlp")]
    [InlineData("model: { layers: [{ Dense: 3 }, { Conv2D: { filters: 1, kernelSize: 3 } }] }", "model.layers[1]: Conv2D(1, (3, 3)) 'conv2d' can't take (3): ")]
    [InlineData("model: { layers: [{ Dense: 2 }] }", "model: its output (2) tells 2 classes apart; arrays has 3")]
    [InlineData("model: { layers: [{ Dense: 3 }] }\ntrain: { loss: meanSquaredError }", "train.loss: meanSquaredError on the model's output (3) takes 3 target values a sample; arrays has 1 (3 classes)")]
    [InlineData("model: { layers: [{ Dense: 1 }] }\ntrain: { loss: binaryCrossentropy }", "train.loss: binaryCrossentropy tells two classes apart; arrays has 3: use sparseCategoricalCrossentropy")]
    [InlineData("model: { layers: [{ Dense: { units: 3, name: a } }, { Dense: { units: 3, name: a } }] }", "model.layers[1]: Two layers are called 'a': ")]
    [InlineData("model: { nodes: { a: { Dense: 3 }, b: { Dense: 3, inputs: input } } }", "'a' (Dense(3) (3)) doesn't lead to the output 'b'")]
    public void A_model_that_does_not_fit_the_data_is_refused_with_the_key_and_both_sides(string yaml, string expected)
    {
        IDataSource data = Dataset.FromArrays(new float[3, 4], [0, 1, 2]);
        UserError error = Assert.Throws<UserError>(() => TrainingTask.Create(JobFile.Parse(yaml), new Splits(data)));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model: { layers: [Flatten, { Dense: { units: 6, activation: gelu } }, { Dropout: 0.5 }, { LeakyReLU: 0.1 }, { Dense: { units: 3, activation: softmax } }] }")]
    [InlineData("model: { layers: [Flatten, { Dense: { units: 6, activation: leakyRelu, useBias: false, kernelInitializer: heNormal } }, { Reshape: { targetShape: [6] } }, { Dense: 3 }] }")]
    [InlineData("model: { layers: [{ Conv2D: { filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: same, name: first } }, { AveragePooling2D: { poolSize: 3, strides: 1, padding: same } }, GlobalAveragePooling2D] }")]
    [InlineData(TestTasks.Branching)]
    public void A_saved_model_predicts_and_evaluates_the_same_bits_alone(string yaml)
    {
        using var folder = new TestFolder();
        TrainingTask task = TestTasks.Task(yaml + Train);
        var model = new Model(task.Graph);
        model.Adopt(task, new LocalTrainer(task).Run().Weights);
        model.Save(folder["saved"]);
        Model loaded = Model.Load(folder["saved"]);
        IDataSource data = TestTasks.Pictures(41, seed: 5);
        Assert.Equal(model.WeightsSha256, loaded.WeightsSha256);
        Assert.Equal(model.Predict(data), loaded.Predict(data));
        Assert.Equal(model.Evaluate(data), loaded.Evaluate(data));
        Assert.Equal(model.Summary(), loaded.Summary().Replace("dense-leaky_relu", "dense/leaky_relu", StringComparison.Ordinal));
        Assert.Equal(1f, loaded.Predict(data)[..3].Sum(), 1e-5f);
    }

    [Fact]
    public void A_leaky_slope_of_its_own_survives_saving()
    {
        using var folder = new TestFolder();
        var model = new Sequential { new Flatten(), new Dense(4, Activation.LeakyReLU(0.01f)), new Dense(3) };
        TrainingTask task = TaskOf(model);
        model.Adopt(task, task.InitialWeights());
        model.Save(folder.Path);
        IDataSource data = TestTasks.Pictures(7);
        Assert.Equal(model.Predict(data), Model.Load(folder.Path).Predict(data));
    }

    [Fact]
    public void Standardised_training_data_are_standardised_again_by_the_model()
    {
        using var folder = new TestFolder();
        IDataSource raw = TestTasks.Pictures(40);
        Standardization standardization = Standardization.Fit(raw);
        TrainingTask task = TrainingTask.Create(
            JobFile.Parse("model: { layers: [Flatten, { Dense: 3 }] }" + Train), new Splits(standardization.Apply(raw)), standardization);
        var model = new Model(task.Graph);
        model.Adopt(task, task.InitialWeights());
        model.Save(folder.Path);
        EvaluationResult expected = new LocalTrainer(task).Evaluate(task.Data.Train, task.InitialWeights())!;
        Assert.Equal(expected, model.Evaluate(raw) with { Metrics = [], Confusion = null });
        Assert.Equal(model.Evaluate(raw), Model.Load(folder.Path).Evaluate(raw));
    }

    [Fact]
    public void Predictions_do_not_depend_on_the_batch_or_on_threads()
    {
        TrainingTask task = TestTasks.Task("model: { layers: [Flatten, { Dense: 20 }, { Dense: { units: 3, activation: softmax } }] }");
        var model = new Model(task.Graph);
        model.Adopt(task, task.InitialWeights());
        IDataSource data = TestTasks.Pictures(600);
        float[] features = new float[600 * 144];
        data.Read([.. Enumerable.Range(0, 600)], features, []);
        float[] expected = model.Predict(data);
        Assert.Equal(expected, model.Predict(features));
        Assert.Equal(model.PredictClasses(data), model.PredictClasses(features));
        Parallel.For(0, 40, i =>
        {
            float[] one = model.Predict(features.AsSpan(i * 144, 144 * (1 + (i % 3))));
            Assert.Equal(expected[(i * 3)..((i * 3) + one.Length)], one);
        });
        Assert.Throws<ArgumentException>(() => model.Predict(features.AsSpan(1)));
        Assert.Empty(model.Predict([]));
    }

    [Fact]
    public void Summary_lists_layers_shapes_and_parameters()
    {
        ModelGraph graph = GraphFromJob.Build(new ModelJob { Preset = PresetKind.Cnn }, new Shape(28, 28, 1), 10);
        Assert.Equal(
            """
            Layer                           Output shape  Parameters
            --------------------------------------------------------
            input (Input)                   (28, 28, 1)            0
            conv2d (Conv2D)                 (26, 26, 32)         320
            max_pooling2d (MaxPooling2D)    (13, 13, 32)           0
            conv2d_1 (Conv2D)               (11, 11, 64)      18,496
            max_pooling2d_1 (MaxPooling2D)  (5, 5, 64)             0
            flatten (Flatten)               (1600)                 0
            dense (Dense)                   (10)              16,010
            Parameters: 34,826 (139,304 bytes)

            """.ReplaceLineEndings("\n"),
            new Model(graph).Summary());
        Assert.Contains("Takes", new Model(TestTasks.Task(TestTasks.Branching).Graph).Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_model_files_are_refused_and_never_crash()
    {
        using var folder = new TestFolder();
        TrainingTask task = TestTasks.Task(TestTasks.Branching);
        var model = new Model(task.Graph);
        model.Adopt(task, task.InitialWeights());
        model.Save(folder.Path);
        byte[] good = File.ReadAllBytes(folder["model.json"]);
        var random = new Random(11);
        for (int i = 0; i < 300; i++)
        {
            byte[] bad = [.. good];
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(7));
            File.WriteAllBytes(folder["model.json"], i % 5 == 0 ? bad[..random.Next(bad.Length)] : bad);
            try
            {
                Assert.True(Model.Load(folder.Path).IsTrained);
            }
            catch (UserError e)
            {
                Assert.Contains(folder.Path, e.Message, StringComparison.Ordinal);
            }
        }

        File.Delete(folder["model.json"]);
        Assert.Equal($"{folder.Path}: has no model that can be read: model.json is missing", Assert.Throws<UserError>(() => Model.Load(folder.Path)).Message);
    }

    [Fact]
    public void An_untrained_model_says_so()
    {
        var model = new Sequential { new Dense(2) };
        Assert.False(model.IsTrained);
        Assert.Contains("FitAsync", Assert.Throws<InvalidOperationException>(() => model.Predict([1f])).Message, StringComparison.Ordinal);
        Assert.Single(model);
    }

    private static TrainingTask TaskOf(Model model)
    {
        IDataSource data = TestTasks.Pictures(53);
        return TrainingTask.Create(JobFile.Parse(Train), new Splits(data), model.BuildGraph(data.SampleShape));
    }

    private static string Hash(TrainingTask task) => WeightsHash.Sha256(new LocalTrainer(task).Run().Weights);
}
