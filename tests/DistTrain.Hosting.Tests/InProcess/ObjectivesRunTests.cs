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
                TestTasks.Branching + $"train: {{ epochs: 3, batch: 16, slices: 8, evaluationBatch: 16, {Jobs[name]} }}\nrun: {{ workers: {workers}, servers: 2 }}", validation: 30);
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
