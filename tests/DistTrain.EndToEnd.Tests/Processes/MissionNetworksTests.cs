using DistTrain.Hosting;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>
/// Networks with more than products and sums, in several processes: LocalTrainer's hash. In one process SequenceRunTests,
/// NormalizedRunsTests and ObjectivesRunTests hold the same for one to four workers.
/// </summary>
public sealed class MissionNetworksTests : IDisposable
{
    private const string Embedded = "{ Embedding: { inputDim: 40, outputDim: 6, maskZero: true } }";

    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<string, string> Jobs = new()
    {
        ["LSTM"] = "model: { layers: [{ Reshape: [28, 28] }, { LSTM: 8 }, { Dense: 10 }] }",
        ["GRU"] = "model: { layers: [{ Reshape: [28, 28] }, { Bidirectional: { layer: { GRU: { units: 6 } }, mergeMode: sum } }, { Dense: 10 }] }",
        ["transformer"] = "model: { layers: [{ Reshape: [28, 28] }, PositionEmbedding, { TransformerBlock: { heads: 2, dropout: 0.1 } }, GlobalAveragePooling1D, { Dense: 10 }] }",
        ["BatchNormalization"] = "model: { layers: [{ Conv2D: { filters: 4, kernelSize: 3, strides: 2 } }, BatchNormalization, { Activation: relu }, Flatten, { Dense: 10 }] }",
        ["embedding, masked"] = $"model: {{ layers: [{Embedded}, {{ GRU: 5 }}, {{ Dense: 2 }}] }}\ndata: {{ path: lines.tsv, format: {{ lines: {{ length: 6 }} }} }}",
        ["augmentation"] = "data: { augment: [{ shift: 2 }, { rotate: 10 }, { cutout: 4 }] }",
        ["mixup"] = "data: { augment: [flip], mixup: 0.2 }",
        ["GAN"] = """
            model:
              gan:
                latent: 8
                generator: [{ Dense: 784 }, BatchNormalization, { Activation: sigmoid }, { Reshape: [28, 28, 1] }]
                discriminator: [Flatten, { Dense: 8 }, LeakyReLU, { Dropout: 0.2 }, { Dense: 1 }]
                generatorOptimizer: { adam: 0.002 }
            """,
    };

    private readonly TestFolder folder = new();

    public static TheoryData<string> Names => [.. Jobs.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(Names))]
    public async Task Several_processes_end_at_the_oracles_weights(string name)
    {
        File.WriteAllLines(folder["lines.tsv"], Enumerable.Range(0, 64).Select(i => $"{(i % 3 == 0 ? "bad" : "good")}\ta {(i % 3 == 0 ? "dull" : "fine")} film number {i % 30}"));
        foreach ((int workers, int servers) in new[] { (1, 1), (2, 1), (3, 2), (4, 2) })
        {
            await SameAsTheOracle(Jobs[name], workers, servers);
        }
    }

    /// <summary>What a saved model gives is known to the process that starts the run alone.</summary>
    [Fact]
    public async Task A_run_that_begins_with_a_saved_model_ends_at_the_oracles_weights()
    {
        var first = new Model(TrainingTask.Open(Parse("model: { layers: [Flatten, { Dense: { units: 6, activation: relu } }, { Dense: 10 }] }", 1, 1), HardJob.Folders).Graph);
        TrainingTask saved = TrainingTask.Open(Parse("model: { layers: [Flatten, { Dense: { units: 6, activation: relu } }, { Dense: 10 }] }", 1, 1), HardJob.Folders);
        first.Adopt(saved, new LocalTrainer(saved).Run().Weights);
        first.Save(folder["saved"]);
        string job = $"model: {{ from: \"{folder["saved"]}\", layers: [Flatten, {{ Dense: {{ units: 6, activation: relu, trainable: false }} }}, {{ Dense: {{ units: 10, name: head }} }}] }}";

        float[] weights = await SameAsTheOracle(job, workers: 2, servers: 2);

        Assert.Equal(first.Weights[..(784 * 6)].ToArray(), weights[..(784 * 6)]);
    }

    private async Task<float[]> SameAsTheOracle(string model, int workers, int servers)
    {
        TrainingTask task = TrainingTask.Open(Parse(model, workers, servers), HardJob.Folders);
        string expected = WeightsHash.Sha256(task.ResultWeights(new LocalTrainer(task).Run()));
        Assert.NotEqual(WeightsHash.Sha256(task.InitialWeights()), expected);
        using var run = new ProcessRun(task, task.Start(), folder: null, BuiltCommand.Processes, _ => { });
        run.Start();
        Checkpoint end = await run.Completion.WaitAsync(Watchdog);
        Assert.Equal(expected, WeightsHash.Sha256(task.ResultWeights(end)));
        return end.Weights;
    }

    private Job Parse(string model, int workers, int servers)
    {
        string data = model.Contains("data:", StringComparison.Ordinal) ? "" : "data: { limit: 60 }\n";
        string job = $"{model.Replace("data: { ", "data: { limit: 60, ", StringComparison.Ordinal)}\n{data}train: {{ epochs: 2, batch: 16, slices: 4, optimizer: {{ adam: 0.01 }} }}\n";
        return JobFile.Parse(job + $"run: {{ engine: processes, workers: {workers}, servers: {servers}, threads: 1 }}\n", folder: folder.Path);
    }
}
