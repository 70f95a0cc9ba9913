using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.EndToEnd.Tests;

/// <summary>
/// The small convolutional network as Keras users write it, with its softmax layer and sparse categorical cross-entropy, is the
/// preset to the bit: in YAML and in C#.
/// </summary>
public class KerasNetTests
{
    private const string Rest = """

        data: { set: digits, limit: 160 }
        train: { epochs: 1, batch: 32, optimizer: { adam: { learningRate: 0.001 } }, loss: sparseCategoricalCrossentropy, seed: 1 }
        run: { workers: 2 }
        """;

    private const string Layers = """
        model:
          layers:
            - Conv2D: { filters: 32, kernel_size: 3, activation: relu }
            - MaxPooling2D: 2
            - Conv2D: { filters: 64, kernel_size: [3, 3], activation: relu }
            - MaxPooling2D: { pool_size: 2 }
            - Flatten
            - Dense: { units: 10, activation: softmax }
        """;

    [Fact]
    public async Task Written_out_in_yaml_and_in_code_it_gives_the_presets_hash()
    {
        string preset = await HardJob.HashAsync(JobFile.Parse("model: { preset: cnn }" + Rest));
        Assert.Equal(preset, await HardJob.HashAsync(JobFile.Parse(Layers + Rest)));

        var model = new Sequential
        {
            new Conv2D(32, 3, Activation.ReLU),
            new MaxPooling2D(2),
            new Conv2D(64, 3, Activation.ReLU),
            new MaxPooling2D(2),
            new Flatten(),
            new Dense(10, Activation.Softmax),
        };
        var options = new TrainerOptions
        {
            Train = new TrainJob { Epochs = 1, Batch = 32, Optimizer = Optimizer.Adam(0.001), Loss = LossKind.SparseCategoricalCrossentropy, Seed = 1 },
        };
        Splits digits = DataCatalogue.Open("digits", HardJob.Folders);
        TrainingRun run = await new Trainer(options).FitAsync(model, Splits.First(digits.Train, 160));
        Assert.Equal(preset, run.WeightsSha256);
    }
}
