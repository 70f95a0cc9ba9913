using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

public class InProcessRunTests
{
    private const string Job = TestTasks.Branching + "train: { epochs: 2, batch: 16, slices: 8, optimizer: { adam: 0.01 }, evaluationBatch: 20 }\n";

    public static TheoryData<int, int, int> Clusters()
    {
        var data = new TheoryData<int, int, int>();
        foreach (int workers in new[] { 1, 2, 3, 4, 8, 11 })
        {
            foreach (int servers in new[] { 1, 2, 3 })
            {
                foreach (int threads in new[] { 1, 2 })
                {
                    data.Add(workers, servers, threads);
                }
            }
        }

        return data;
    }

    /// <summary>A branch, dropout, a ragged last batch; the oracle is the slow single-threaded trainer.</summary>
    [Theory]
    [MemberData(nameof(Clusters))]
    public async Task Any_number_of_workers_servers_and_threads_gives_the_oracles_bits(int workers, int servers, int threads)
    {
        TrainingTask task = TestTasks.Task(Job + $"run: {{ workers: {workers}, servers: {servers}, threads: {threads} }}", validation: 30);
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256((await Run(task)).Weights));
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(1, 1)]
    [InlineData(50, 8)]
    public async Task Batches_below_the_slices_and_ragged_ones_give_the_oracles_bits(int batch, int slices)
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching + $"train: {{ batch: {batch}, slices: {slices}, epochs: 1 }}\nrun: {{ workers: 3, servers: 2 }}");
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256((await Run(task)).Weights));
    }

    /// <summary>Kernels of 144 x 600 and 600 x 120: two blocks each, gathered at the start, side by side from the first update on.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task Parameters_of_several_blocks_give_the_oracles_bits(int workers, int servers)
    {
        TrainingTask task = TestTasks.Task(
            $"model: {{ layers: [Flatten, {{ Dense: {{ units: 600, activation: relu }} }}, {{ Dense: 120 }}, {{ Dense: 3 }}] }}\ntrain: {{ epochs: 3, batch: 16 }}\nrun: {{ workers: {workers}, servers: {servers}, checkpointEvery: 3 }}");
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256((await Run(task)).Weights));
    }

    [Fact]
    public async Task Events_tell_the_oracles_epochs()
    {
        TrainingTask task = TestTasks.Task(Job + "run: { workers: 3, servers: 2 }", validation: 30);
        var expected = new List<TrainingEvent>();
        new LocalTrainer(task).Run(onEvent: expected.Add);
        var told = new List<TrainingEvent>();
        await Run(task, told.Add);
        Assert.Equal(
            expected.Cast<EpochCompleted>(),
            told.OfType<EpochCompleted>().Select(epoch => epoch with { Seconds = 0, SamplesPerSecond = 0 }));
    }

    [Fact]
    public async Task A_stopped_run_resumes_on_another_cluster_to_the_same_bits()
    {
        string job = Job.Replace("epochs: 2", "epochs: 12", StringComparison.Ordinal);
        TrainingTask task = TestTasks.Task(job + "run: { workers: 2, servers: 1 }", validation: 30);
        string expected = WeightsHash.Sha256(new LocalTrainer(task).Run().Weights);
        using var folder = new TestFolder();
        InProcessRun? stoppable = null;
        using (var first = new InProcessRun(
            task, task.Start(), new CheckpointFolder(folder.Path, task.Layout), _ => { }, _ => stoppable!.RequestStop()))
        {
            stoppable = first;
            first.Start();
            Checkpoint stopped = await first.Completion.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.InRange(stopped.Step, 0, task.Steps.TotalSteps - 1);
        }

        TrainingTask other = TestTasks.Task(job + "run: { workers: 4, servers: 3 }", validation: 30);
        Checkpoint? from = new CheckpointFolder(folder.Path, task.Layout).ReadNewest(out IReadOnlyList<string> damaged);
        Assert.Empty(damaged);
        Assert.Equal(expected, WeightsHash.Sha256((await Run(other, from: from)).Weights));
    }

    /// <summary>Squares overflow long before their gradients: the loss alone is not finite.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_diverging_run_fails_at_the_oracles_step(int workers)
    {
        TrainingTask task = TestTasks.Task(
            "model: { layers: [Flatten, { Dense: 1 }] }\ntrain: { epochs: 50, batch: 16, slices: 4, loss: meanSquaredError, optimizer: { sgd: 1000 } }\n"
            + $"run: {{ workers: {workers} }}");
        TrainingFailedException expected = Assert.Throws<TrainingFailedException>(() => new LocalTrainer(task).Run());
        TrainingFailedException failed = await Assert.ThrowsAsync<TrainingFailedException>(() => Run(task));
        Assert.Contains("loss is not finite", expected.Message, StringComparison.Ordinal);
        Assert.Equal(expected.Message.Split(',')[0], failed.Message.Split(',')[0]);
    }

    [Fact]
    public async Task Checkpoints_due_faster_than_they_are_written_are_left_out_but_for_the_last()
    {
        TrainingTask task = TestTasks.Task(Job + "run: { workers: 2, servers: 2, checkpointEvery: 1, keepCheckpoints: 2 }");
        using var folder = new TestFolder();
        var written = new List<TrainingEvent>();
        var disk = new TaskCompletionSource();
        using var run = new InProcessRun(
            task, task.Start(), new CheckpointFolder(folder.Path, task.Layout), written.Add, step => _ = step.Step.After.Value < task.Steps.TotalSteps - 1 || disk.TrySetResult());
        run.HoldStore(disk.Task);
        run.Start();
        Checkpoint end = await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("is left out", Assert.Single(written.OfType<RunNotice>()).Message, StringComparison.Ordinal);
        Assert.Equal(task.Steps.TotalSteps, end.Step);
        run.Dispose();
        IReadOnlyList<long> kept = new CheckpointFolder(folder.Path, task.Layout).Steps();
        Assert.Equal(2, kept.Count);
        Assert.Equal(end.Step, kept[0]);
    }

    private static async Task<Checkpoint> Run(TrainingTask task, Action<TrainingEvent>? publish = null, Checkpoint? from = null)
    {
        using var run = new InProcessRun(task, from ?? task.Start(), folder: null, publish ?? (_ => { }));
        run.Start();
        return await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
