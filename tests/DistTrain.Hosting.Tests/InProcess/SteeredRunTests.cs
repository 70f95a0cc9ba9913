using DistTrain.Protocol;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>Everything that steers a run at once, in process: the oracle's bits for any cluster, and across stop and resume.</summary>
public class SteeredRunTests
{
    internal const string Job = TestTasks.Branching + "train: { epochs: 30, batch: 16, slices: 8, optimizer: { adam: 0.05 }, evaluationBatch: 20, clipNorm: 0.5, "
        + "schedule: cosineDecay, warmupSteps: 6, reduceLROnPlateau: { patience: 1, factor: 0.5, minDelta: 0.05 }, earlyStopping: { patience: 4, restoreBest: true } }\n";

    private static readonly Lazy<(Checkpoint Result, List<TrainingEvent> Events)> Oracle = new(() =>
    {
        var events = new List<TrainingEvent>();
        return (new LocalTrainer(Task(1, 1)).Run(onEvent: events.Add), events);
    });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    [InlineData(8, 1)]
    [InlineData(8, 2)]
    [InlineData(8, 3)]
    public async Task Any_number_of_workers_and_servers_gives_the_oracles_bits_and_events(int workers, int servers)
    {
        TrainingTask task = Task(workers, servers);
        var told = new List<TrainingEvent>();
        Checkpoint result = await Run(task, told.Add);
        Assert.Equal(WeightsHash.Sha256(Oracle.Value.Result.Weights), WeightsHash.Sha256(result.Weights));
        Assert.Equal(Oracle.Value.Result.Step, result.Step);
        Assert.Equal(
            Oracle.Value.Events.Cast<EpochCompleted>(),
            told.OfType<EpochCompleted>().Select(epoch => epoch with { Seconds = 0, SamplesPerSecond = 0 }));
        Assert.Contains(told.OfType<RunNotice>(), notice => notice.Message.StartsWith("stopped early: 4 epochs without a better result", StringComparison.Ordinal));
        Assert.Contains(told.OfType<RunNotice>(), notice => notice.Message.StartsWith("no better result: the learning rate is now", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(31)]
    public async Task A_run_stopped_on_the_way_resumes_on_another_cluster_to_the_same_bits(int stopAfter)
    {
        using var folder = new TestFolder();
        TrainingTask task = Task(2, 1);
        var checkpoints = new CheckpointFolder(folder.Path, task.Layout);
        InProcessRun? running = null;
        using (var first = new InProcessRun(task, task.Start(), checkpoints, _ => { }, step => Stop(step, stopAfter, running!)))
        {
            running = first;
            first.Start();
            await first.Completion.WaitAsync(TimeSpan.FromMinutes(1));
        }

        Checkpoint? from = checkpoints.ReadNewest(out IReadOnlyList<string> damaged);
        Assert.Empty(damaged);
        Assert.InRange(from!.Step, stopAfter, task.Steps.TotalSteps - 1);
        using var second = new InProcessRun(Task(4, 3), from, checkpoints, _ => { });
        second.Start();
        Checkpoint result = await second.Completion.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(WeightsHash.Sha256(Oracle.Value.Result.Weights), WeightsHash.Sha256(result.Weights));
    }

    [Fact]
    public async Task A_session_prints_the_hash_of_the_restored_weights_and_resuming_a_stopped_run_gives_it_again()
    {
        using var folder = new TestFolder();
        TrainingTask task = Task(2, 2);
        RunDone done = await Session(task, RunFolder.Create(task.Job with { Run = task.Job.Run with { Out = folder.Path } }, DateTimeOffset.UnixEpoch), null);
        Assert.Equal(WeightsHash.Sha256(Oracle.Value.Result.Weights), done.WeightsSha256);
        Assert.Equal(((EpochCompleted)Oracle.Value.Events[^1]).Step, done.Steps);
        Assert.NotEqual(done.Steps, Oracle.Value.Result.Step);

        RunFolder again = RunFolder.Open(folder.Path);
        RunDone resumed = await Session(task, again, again.Checkpoints(task.Layout).ReadNewest(out _));
        Assert.Equal(done.WeightsSha256, resumed.WeightsSha256);
    }

    [Fact]
    public void The_blocks_of_norms_are_the_protocols_blocks()
    {
        string[] models =
        [
            TestTasks.Branching,
            "model: { layers: [Flatten, Dense: 700, Dense: 800, Dense: 90, Dense: 3] }\n",
            "model: { layers: [Conv2D: { filters: 40, kernelSize: 5 }, Conv2D: { filters: 64, kernelSize: 5 }, Flatten, Dense: 300, Dense: 3] }\n",
        ];
        foreach (string model in models)
        {
            TrainingTask task = TestTasks.Task(model);
            Assert.Equal(
                new TaskPlan(task).Blocks.Blocks.Select(block => (int)block.Offset..(int)block.End),
                NormBlocks.Of(task.Layout));
        }
    }

    private static TrainingTask Task(int workers, int servers) =>
        TestTasks.Task(Job + $"run: {{ workers: {workers}, servers: {servers}, threads: 1 }}", validation: 30);

    private static void Stop(StepCommitted step, int after, InProcessRun run)
    {
        if (step.Step.Value + 1 == after)
        {
            run.RequestStop();
        }
    }

    private static async Task<RunDone> Session(TrainingTask task, RunFolder folder, Checkpoint? from)
    {
        TrainingEvent? last = null;
        await foreach (TrainingEvent happened in new TrainingSession(task, new Model(task.Graph), folder, from).RunAsync())
        {
            last = happened;
        }

        return Assert.IsType<RunDone>(last);
    }

    private static async Task<Checkpoint> Run(TrainingTask task, Action<TrainingEvent> publish)
    {
        using var run = new InProcessRun(task, task.Start(), folder: null, publish);
        run.Start();
        return await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
