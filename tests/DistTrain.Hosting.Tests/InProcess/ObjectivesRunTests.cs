using DistTrain.Data;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>Losses, weights and rules that sum or keep something of their own: one hash for any number of workers, the oracle's.</summary>
public class ObjectivesRunTests
{
    private static readonly Dictionary<string, string> Jobs = new()
    {
        ["class weights"] = "loss: { sparseCategoricalCrossentropy: { labelSmoothing: 0.1 } }, classWeights: [0.3, 1, 2.5], optimizer: { nadam: 0.01 }",
        ["balanced classes, as Keras"] = "balanceClasses: true, weightNormalization: samples, optimizer: { adadelta: 1 }, l1: 0.001",
        ["average"] = "ema: 0.9, optimizer: { adam: 0.01 }, l2: 0.01",
        ["frozen layers, penalties of one layer"] = "optimizer: { adam: 0.01 }, ema: 0.8, clipNorm: 0.5 }\nmodel: { freeze: [conv, left/bias], nodes: { "
            + "conv: { Conv2D: { filters: 3, kernelSize: 3 }, inputs: input }, flat: { Flatten: }, left: { Dense: { units: 5, kernelRegularizer: { l1: 0.01, l2: 0.02 } } }, out: { Dense: 3 } }",
        ["loss to reach"] = "stop: { loss: 0.95 }, optimizer: { adam: 0.02 }",
        ["metrics that steer"] = "optimizer: { adam: 0.02 }, metrics: [precision, topKAccuracy], topK: 2, earlyStopping: { monitor: f1, patience: 1, restoreBest: true }",
    };

    public static TheoryData<string> Names => [.. Jobs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task One_to_four_workers_end_at_the_oracles_weights(string name)
    {
        string? expected = null;
        for (int workers = 1; workers <= 4; workers++)
        {
            TrainingTask task = TestTasks.Task(
                (Jobs[name].Contains("model:", StringComparison.Ordinal) ? "" : TestTasks.Branching) + $"train: {{ epochs: 3, batch: 16, slices: 8, evaluationBatch: 16, {Jobs[name]} }}\nrun: {{ workers: {workers}, servers: 2 }}", validation: 30);
            expected ??= Hash(task, new LocalTrainer(task).Run());
            Assert.Equal(expected, Hash(task, await Run(task)));
        }
    }

    internal const string Networks = """
        model:
          gan:
            latent: 6
            generator: [{ Dense: { units: 20, activation: relu } }, { Dense: { units: 144, activation: sigmoid } }, { Reshape: { targetShape: [12, 12, 1] } }]
            discriminator: [Flatten, { Dense: 16 }, LeakyReLU, { Dropout: 0.2 }, { Dense: 1 }]
            generatorOptimizer: { nadam: { learningRate: 0.004, beta1: 0.5 } }
            realLabel: 0.9
        data: { augment: [flip, { shift: 1 }] }

        """;

    [Fact]
    public async Task Two_networks_with_optimizers_of_their_own_end_at_the_oracles_weights()
    {
        string? expected = null;
        for (int workers = 1; workers <= 4; workers++)
        {
            TrainingTask task = TestTasks.Task(Networks + $"train: {{ epochs: 4, batch: 16, slices: 8, evaluationBatch: 16, optimizer: {{ adam: 0.002 }} }}\nrun: {{ workers: {workers}, servers: 2 }}", validation: 20);
            expected ??= Hash(task, new LocalTrainer(task).Run());
            Assert.Equal(expected, Hash(task, await Run(task)));
        }
    }

    [Fact]
    public async Task Samples_with_weights_end_at_the_oracles_weights()
    {
        string? expected = null;
        float[] weights = [.. Enumerable.Range(0, 53).Select(i => i % 3 * 0.7f)];
        for (int workers = 1; workers <= 4; workers++)
        {
            Job job = JobFile.Parse(TestTasks.Branching + $"train: {{ epochs: 2, batch: 16, slices: 8, ema: 0.5 }}\nrun: {{ workers: {workers} }}");
            TrainingTask task = TrainingTask.Create(job, new Splits(TestTasks.Pictures(53).WithWeights(weights), TestTasks.Pictures(20).WithWeights(weights[..20])));
            Checkpoint end = new LocalTrainer(task).Run();
            expected ??= Hash(task, end);
            Assert.NotEqual(expected, WeightsHash.Sha256(end.Weights));
            Assert.Equal(expected, Hash(task, await Run(task)));
        }
    }

    /// <summary>Shifts, turns, noise, blackened squares and mixtures are the sample's, whoever computes it.</summary>
    [Theory]
    [InlineData("augment: [flip, { crop: 2 }, { rotate: 20 }]")]
    [InlineData("augment: [{ shift: 2 }, { cutout: 4 }, { noise: 0.2 }]")]
    [InlineData("mixup: 0.4")]
    [InlineData("augment: [{ flip: both }, { noise: 0.1 }], mixup: 0.2")]
    public async Task Changed_and_mixed_pictures_end_at_the_oracles_weights(string keys)
    {
        string? expected = null;
        for (int workers = 1; workers <= 4; workers++)
        {
            TrainingTask task = Augmented($"data: {{ {keys} }}\n", workers);
            expected ??= Hash(task, new LocalTrainer(task).Run());
            Assert.Equal(expected, Hash(task, await Run(task)));
        }

        TrainingTask plain = Augmented(keys.Contains("mixup", StringComparison.Ordinal) ? "data: { mixup: 0.00001 }\n" : "", 1);
        Assert.NotEqual(expected, Hash(plain, new LocalTrainer(plain).Run()));
    }

    private static TrainingTask Augmented(string data, int workers)
    {
        Job job = JobFile.Parse(TestTasks.Branching + data + $"train: {{ epochs: 3, batch: 16, slices: 8, optimizer: {{ adam: 0.01 }} }}\nrun: {{ workers: {workers}, servers: 2 }}");
        IDataSource train = TestTasks.Pictures(53), validation = TestTasks.Pictures(20, seed: 2);
        return TrainingTask.Create(job, job.Data.Mixup is null ? new Splits(train, validation) : new Splits(train.WithShares(), validation.WithShares()));
    }

    [Fact]
    public async Task A_batch_whose_samples_all_weigh_nothing_stops_the_run()
    {
        Job job = JobFile.Parse("model: { layers: [Flatten, { Dense: 3 }] }\ntrain: { epochs: 1, batch: 16 }\nrun: { workers: 2 }");
        TrainingTask task = TrainingTask.Create(job, new Splits(TestTasks.Pictures(53).WithWeights(new float[53])));
        Assert.Contains("sample weights is 0", Assert.Throws<TrainingFailedException>(() => new LocalTrainer(task).Run()).Message, StringComparison.Ordinal);
        Assert.Contains("sample weights is 0", (await Assert.ThrowsAsync<TrainingFailedException>(() => Run(task))).Message, StringComparison.Ordinal);
    }

    private static string Hash(TrainingTask task, Checkpoint end) => WeightsHash.Sha256(task.ResultWeights(end));

    private static async Task<Checkpoint> Run(TrainingTask task)
    {
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { });
        run.Start();
        return await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
