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
    private static readonly string Example = Path.Combine(BuiltCommand.RepositoryRoot, "examples", "keras-net", "job.yaml");

    [Fact]
    public async Task Written_out_in_yaml_and_in_code_it_gives_the_presets_hash()
    {
        string preset = await HardJob.HashAsync(Small(null, "model.preset=cnn"));
        Assert.Equal(preset, await HardJob.HashAsync(Small(Example, "run.workers=2")));

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
            Train = new TrainJob { Epochs = 1, Batch = 32, Optimizer = Optimizer.Adam(0.001), Loss = new SparseCategoricalCrossentropyJob(), Seed = 1 },
        };
        Splits digits = DataCatalogue.Open("digits", HardJob.Folders);
        TrainingRun run = await new Trainer(options).FitAsync(model, Splits.First(digits.Train, 160));
        Assert.Equal(preset, run.WeightsSha256);
    }

    /// <summary>The built-in digits in place of MNIST, and few of them.</summary>
    private static Job Small(string? path, string setting) => JobFile.Load(
        path, new JobOverlays().AddSet("data.set=digits").AddSet("data.limit=160").AddSet("train.epochs=1").AddSet("train.batch=32").AddSet(setting));
}
