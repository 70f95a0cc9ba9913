using System.Collections.Concurrent;
using DistTrain.Protocol;
using DistTrain.TestKit;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>Machines that die and join under real training, in real time: whatever the moment, the oracle's bits.</summary>
public class KillsAndJoinsTests
{
    private const string Job = TestTasks.Branching
        + "train: { epochs: 6, batch: 4, slices: 4, optimizer: { adam: 0.01 } }\nrun: { workers: 3, servers: 3, replicas: 2, threads: 1, checkpointEvery: 20 }\n";

    /// <summary>Far beyond what any of these runs takes.</summary>
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Kills_and_joins_of_every_role_end_with_the_oracles_bits(int seed)
    {
        TrainingTask task = TestTasks.Task(Job);
        var random = new Random(seed);
        var gate = new StepGate(Watchdog);
        var epochs = new List<EpochCompleted>();
        void Note(TrainingEvent happened)
        {
            if (happened is EpochCompleted epoch)
            {
                epochs.Add(epoch);
            }
        }

        using var run = new InProcessRun(task, task.Start(), folder: null, Note, gate.Pass);
        Strike(run, gate, 10, seed, random);
        Checkpoint result = await run.Completion.WaitAsync(Watchdog);
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(result.Weights));
        Assert.Equal((long)task.Job.Train.Epochs * task.Steps.Samples, run.Journal.Samples);
        Assert.Equal(Enumerable.Range(1, task.Job.Train.Epochs), epochs.Select(epoch => epoch.Epoch));
    }

    /// <summary>The newest checkpoint is damaged when coordinator and servers die together: the one before it is used.</summary>
    [Fact]
    public async Task A_successor_passes_over_a_checkpoint_that_is_damaged()
    {
        TrainingTask task = TestTasks.Task(Job.Replace("checkpointEvery: 20", "checkpointEvery: 5", StringComparison.Ordinal));
        using var folder = new TestFolder();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var notices = new ConcurrentQueue<string>();
        InProcessRun? run = null;
        void Note(TrainingEvent happened)
        {
            if (happened is CheckpointWritten { Step: >= 10 } && !gone.Task.IsCompleted)
            {
                run!.CloseCoordinator();
                gone.SetResult();
            }

            if (happened is RunNotice notice)
            {
                notices.Enqueue(notice.Message);
            }
        }

        var checkpoints = new CheckpointFolder(folder.Path, task.Layout);
        using (run = new InProcessRun(task, task.Start(), checkpoints, Note))
        {
            run.Start();
            await gone.Task.WaitAsync(Watchdog);

            // What it asked for before may still be written; nothing comes after that.
            run.AwaitCoordinator();
            run.AwaitStore();
            Assert.InRange(checkpoints.Steps().Count, 2, int.MaxValue);
            File.WriteAllText(Path.Combine(checkpoints.PathOf(checkpoints.Steps()[0]), "manifest.json"), "{ }");
            foreach (MachineId server in run.Members.Where(member => member.Role == MachineRole.Server))
            {
                run.Kill(server);
            }

            run.AddServer();
            run.SucceedCoordinator();
            Checkpoint result = await run.Completion.WaitAsync(Watchdog);

            Assert.Contains(notices, notice => notice.Contains("cannot be read, the one before is used", StringComparison.Ordinal));
            Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(result.Weights));
            Assert.Equal((long)task.Job.Train.Epochs * task.Steps.Samples, run.Journal.Samples);
        }
    }

    /// <summary>Clipping by the global norm, dropout, a schedule, plateaus, early stopping and the best weights in one job.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Kills_and_joins_change_nothing_that_measurements_decide(int seed)
    {
        TrainingTask task = TestTasks.Task(SteeredRunTests.Job + "run: { workers: 3, servers: 3, replicas: 2, threads: 1, checkpointEvery: 7 }\n", validation: 30);
        var random = new Random(seed);
        var gate = new StepGate(Watchdog);
        var told = new List<TrainingEvent>();
        using var run = new InProcessRun(task, task.Start(), folder: null, told.Add, gate.Pass);
        Strike(run, gate, 9, seed, random);
        Checkpoint result = await run.Completion.WaitAsync(Watchdog);
        var expected = new List<TrainingEvent>();
        Checkpoint oracle = new LocalTrainer(task).Run(onEvent: expected.Add);
        Assert.Equal(WeightsHash.Sha256(oracle.Weights), WeightsHash.Sha256(result.Weights));
        Assert.Equal(expected.Cast<EpochCompleted>(), told.OfType<EpochCompleted>().Select(epoch => epoch with { Seconds = 0, SamplesPerSecond = 0 }));
        Assert.Contains(told.OfType<RunNotice>(), notice => notice.Message.StartsWith("stopped early", StringComparison.Ordinal));
    }

    /// <summary>A run that would go on for hours: nothing but the request ends it.</summary>
    [Fact]
    public async Task A_stop_request_outlives_the_coordinator_that_got_it()
    {
        TrainingTask task = TestTasks.Task(Job.Replace("epochs: 6", "epochs: 1000000", StringComparison.Ordinal));
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { }, step => _ = step.Step.Value < 1 || begun.TrySetResult());
        run.Start();
        await begun.Task.WaitAsync(Watchdog);
        run.CloseCoordinator();
        run.RequestStop();
        run.SucceedCoordinator();

        await run.Completion.WaitAsync(Watchdog);
        Assert.InRange(run.End!.Value.Value, 1, task.Steps.TotalSteps - 1);
    }

    [Theory]
    [InlineData(1, "there is only one")]
    [InlineData(3, "ranges were computed by two workers, with equal gradients")]
    public async Task Audits_change_no_bit_and_tell_once_what_they_did(int workers, string told)
    {
        TrainingTask task = TestTasks.Task(Job.Replace("workers: 3", $"audit: 1, workers: {workers}", StringComparison.Ordinal).Replace(", checkpointEvery: 20", "", StringComparison.Ordinal));
        var notices = new List<string>();
        using var run = new InProcessRun(task, task.Start(), folder: null, happened => notices.AddRange(happened is RunNotice notice ? [notice.Message] : []));
        run.Start();
        Checkpoint result = await run.Completion.WaitAsync(Watchdog);

        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(result.Weights));
        Assert.Contains(told, Assert.Single(notices), StringComparison.Ordinal);
    }

    /// <summary>Faults follow progress, not time, and the run waits for each of them: none comes after the end.</summary>
    private static void Strike(InProcessRun run, StepGate gate, int count, int seed, Random random)
    {
        _ = run.Completion.ContinueWith(_ => gate.End(), TaskScheduler.Default);

        // Who starts machines steps them, and would be held with them.
        _ = Task.Run(run.Start);
        for (int i = 0; i < count; i++)
        {
            Assert.True(gate.Reach(gate.Committed + random.Next(1, 4)), $"fault {i} is too late: {run.Completion.Exception}");
            gate.Strike(run, (MachineRole)((i + seed) % 3), random);
        }

        gate.LetGo();
    }

    /// <summary>Fifty of all roles, under the built-in digits: the calm run's hash, every sample once a pass.</summary>
    [Fact]
    public async Task Fifty_kills_change_no_bit_and_commit_no_sample_twice() =>
        await AssertChurned("model: { preset: mlp }\ndata: { limit: 2000 }\ntrain: { epochs: 2, batch: 16 }\n", seed: 5);

    /// <summary>The same with real data and full-sized networks; how long it takes is measured by disttrain bench churn.</summary>
    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("mlp", 1)]
    [InlineData("mlp", 2)]
    [InlineData("cnn", 1)]
    [InlineData("cnn", 2)]
    public async Task Fifty_kills_change_no_bit_on_mnist(string preset, int seed)
    {
        Skip.If(RealData.Folder("mnist") is null, RealData.Missing("mnist"));
        await AssertChurned($"model: {{ preset: {preset} }}\ndata: {{ set: mnist }}\ntrain: {{ epochs: 2, batch: 64 }}\n", seed);
    }

    private static async Task AssertChurned(string job, int seed)
    {
        TrainingTask task = TrainingTask.Open(
            JobFile.Parse(job + "run: { workers: 2, servers: 3, replicas: 2, threads: 1 }\n"), Data.DataFolders.For(Environment.GetEnvironmentVariable(RealData.Variable)));
        ChurnMeasurement calm = await ChurnBench.RunAsync(task, kills: 0, seed: 0);
        ChurnMeasurement churned = await ChurnBench.RunAsync(task, kills: 50, seed);
        Assert.Equal(50, churned.Killed.Values.Sum());
        Assert.All(churned.Killed.Values, killed => Assert.InRange(killed, 5, 40));
        Assert.Equal(calm.WeightsSha256, churned.WeightsSha256);
        foreach (ChurnMeasurement run in new[] { calm, churned })
        {
            Assert.Equal([task.Steps.Samples, task.Steps.Samples], run.PassSamples);
            Assert.Equal(2L * task.Steps.Samples, run.CommittedSamples);
        }

        // A kill costs the step that was open at most, and its coordinator's change one more.
        Assert.InRange(churned.DroppedSamples, 0, 2L * 50 * task.Job.Train.Batch);
    }
}
