using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.TestKit;
using DistTrain.Training;
using DistTrain.Training.Tests;
using Xunit.Abstractions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Real processes, killed: whatever the moment, the oracle's bits, each sample once, nothing left behind.</summary>
public class KillsTests(ITestOutputHelper output)
{
    private const string Run = "run: { engine: processes, workers: 3, servers: 2, replicas: 2, threads: 1, checkpointEvery: 50 }\n";
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(4);

    /// <summary>No fault comes after its end: it has none until it is stopped.</summary>
    private static readonly string Endless = HardJob.Yaml.Replace("epochs: 4, batch: 32, steps: 10", "epochs: 1000000, batch: 32", StringComparison.Ordinal);


    [SkippableTheory]
    [InlineData(1, 3, 50)]
    public Task Killed_processes_of_every_role_are_replaced(int seed, int kills, int stepsBetween) => KillAsync(Endless, seed, kills, stepsBetween);

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Twenty_kills_in_a_run_change_nothing(int seed) => KillAsync(Endless, seed, 24, 50);

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("mlp", 1)]
    [InlineData("cnn", 2)]
    public Task Twenty_kills_in_a_run_change_nothing_on_mnist(string preset, int seed)
    {
        Skip.If(RealData.Folder("mnist") is null, RealData.Missing("mnist"));
        return KillAsync($"model: {{ preset: {preset} }}\ndata: {{ set: mnist, limit: 6000 }}\ntrain: {{ epochs: 1000000, batch: 64 }}\n", seed, 24, 10);
    }

    /// <summary>Killed when it has said that an epoch is over and nobody has heard it: its successor says it again.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "Long")]
    public async Task A_coordinator_that_dies_at_an_epochs_end_takes_no_epoch_with_it(bool isValidated)
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are told apart in /proc");
        string yaml = HardJob.Yaml.Replace("epochs: 4, batch: 32, steps: 10", "epochs: 6, batch: 8", StringComparison.Ordinal);
        yaml = isValidated ? yaml : yaml.Replace(", validation: 0.1", "", StringComparison.Ordinal);
        TrainingTask task = TrainingTask.Open(JobFile.Parse(yaml + Run), HardJob.Folders);
        var expected = new List<TrainingEvent>();
        string hash = WeightsHash.Sha256(new LocalTrainer(task).Run(onEvent: expected.Add).Weights);
        var told = new ConcurrentQueue<TrainingEvent>();
        var killed = new HashSet<string>();
        using var deadline = new CancellationTokenSource(Watchdog);
        using var run = new ProcessRun(task, task.Start(), folder: null, BuiltCommand.Processes, told.Enqueue);
        run.Hears = happened =>
        {
            string? end = happened switch
            {
                PassCompleted pass when pass.Totals.Pass is 0 or 2 => $"pass {pass.Version}",
                EvaluationCompleted { Set: TaskPlan.ValidationSet } evaluation when evaluation.Version.Value == 2 * task.Steps.StepsPerPass => $"evaluation {evaluation.Version}",
                RunCompleted => "run",
                _ => null,
            };
            return end is null || !killed.Add(end) || Strike(run, MachineRole.Coordinator, new Random(1)) is null;
        };
        run.Start();
        Checkpoint end = await run.Completion.WaitAsync(deadline.Token);

        Assert.Equal(isValidated ? 4 : 3, killed.Count);
        Assert.Equal(hash, WeightsHash.Sha256(end.Weights));
        Assert.Equal(expected.Cast<EpochCompleted>(), told.OfType<EpochCompleted>().Select(epoch => epoch with { Seconds = 0, SamplesPerSecond = 0 }));
    }

    /// <summary>A process that stands still is no dead process: the others compute its ranges meanwhile, and it goes on afterwards.</summary>
    [SkippableFact]
    public Task A_stopped_process_holds_nobody_up_and_is_not_replaced() => StopAsync(untilSuspected: false);

    [SkippableFact]
    [Trait("Category", "Long")]
    public Task A_process_that_is_stopped_until_its_lane_breaks_is_only_suspected() => StopAsync(untilSuspected: true);

    private static async Task StopAsync(bool untilSuspected)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGSTOP");
        Job job = JobFile.Parse(Endless + Run);
        TrainingTask task = TrainingTask.Open(job, HardJob.Folders);
        var progress = Channel.CreateUnbounded<long>();
        var notices = new ConcurrentQueue<string>();
        using var deadline = new CancellationTokenSource(Watchdog);
        using var run = new ProcessRun(
            task, task.Start(), folder: null, BuiltCommand.Processes, happened => notices.Enqueue($"{happened}"), step => progress.Writer.TryWrite(step.Step.Value));
        run.Start();
        await NextSteps(progress.Reader, 20, deadline.Token);
        (_, int victim, IReadOnlyList<MachineId> machines) = run.Processes.First(process => process.Machines.All(machine => machine.Role == MachineRole.Worker));
        Signal("-STOP", victim);
        Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{victim}/status").Contains("State:\tT", StringComparison.Ordinal), Watchdog));
        while (progress.Reader.TryRead(out _))
        {
            // Told before.
        }

        do
        {
            // More than had been allowed before: its ranges are computed by others.
            await NextSteps(progress.Reader, 50, deadline.Token);
        }
        while (untilSuspected && run.Suspicions == 0);

        Signal("-CONT", victim);
        await NextSteps(progress.Reader, 20, deadline.Token);
        run.RequestStop();
        Checkpoint end = await run.Completion.WaitAsync(deadline.Token);

        TrainingTask same = TrainingTask.Open(job with { Train = job.Train with { Steps = end.Step } }, HardJob.Folders);
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(same).Run().Weights), WeightsHash.Sha256(end.Weights));
        Assert.DoesNotContain(notices, notice => machines.Any(machine => notice.Contains($"{machine} is gone", StringComparison.Ordinal)));
    }

    private static void Signal(string signal, int process)
    {
        using Process kill = Process.Start("kill", [signal, $"{process}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task KillAsync(string yaml, int seed, int kills, int stepsBetween)
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are counted in /proc");
        string? data = Environment.GetEnvironmentVariable(RealData.Variable);
        Job job = JobFile.Parse(yaml + Run);
        TrainingTask task = TrainingTask.Open(job, DataFolders.For(data));
        var random = new Random(seed);
        var progress = Channel.CreateUnbounded<long>();
        var killed = new List<MachineRole>();
        var clock = Stopwatch.StartNew();
        void Tell(string what) => output.WriteLine($"{clock.Elapsed.TotalSeconds:F2} s: {what}");
        using var deadline = new CancellationTokenSource(Watchdog);
        using var folder = new TestFolder();
        Checkpoint end;
        string sockets;
        using (var run = new ProcessRun(
            task, task.Start(), new CheckpointFolder(folder.Path, task.Layout), BuiltCommand.Processes with { DataRoot = data }, happened => Tell($"{happened}"), step => progress.Writer.TryWrite(step.Step.Value)))
        {
            sockets = run.SocketPath;
            run.Start();
            while (killed.Count < kills)
            {
                await NextSteps(progress.Reader, random.Next(1, stepsBetween), deadline.Token);
                if (Strike(run, (MachineRole)((killed.Count + seed) % 3), random) is { } role)
                {
                    killed.Add(role);
                    Tell($"killed a {role}");
                }
            }

            run.RequestStop();
            end = await run.Completion.WaitAsync(deadline.Token);
            RunPlan plan = new TaskPlan(task).Run;
            long samples = Enumerable.Range(0, (int)end.Step).Sum(step => (long)plan.RowsOf(new StepNumber(step)));
            Assert.Equal(samples, run.Journal.Samples);
        }

        Assert.All(Enum.GetValues<MachineRole>(), role => Assert.Equal(kills / 3, killed.Count(each => each == role)));
        TrainingTask same = TrainingTask.Open(job with { Train = job.Train with { Steps = end.Step } }, DataFolders.For(data));
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(same).Run().Weights), WeightsHash.Sha256(end.Weights));
        Assert.False(Directory.Exists(sockets));
        Assert.Empty(NodesOf(sockets));
    }

    private static async Task NextSteps(ChannelReader<long> steps, int count, CancellationToken cancel)
    {
        for (int i = 0; i < count; i++)
        {
            await steps.ReadAsync(cancel);
        }
    }

    /// <summary>Ends a process that hosts such a machine, from one instruction to the next; null when there is none at the moment.</summary>
    private static MachineRole? Strike(ProcessRun run, MachineRole role, Random random)
    {
        int[] candidates = [.. run.Processes.Where(process => process.Machines.Any(machine => machine.Role == role)).Select(process => process.ProcessId)];
        if (candidates.Length == 0)
        {
            return null;
        }

        try
        {
            using Process victim = Process.GetProcessById(candidates[random.Next(candidates.Length)]);
            victim.Kill();
            victim.WaitForExit();
            return role;
        }
        catch (ArgumentException)
        {
            // Dead already, and the launcher has not noticed yet.
            return null;
        }
    }

    /// <summary>Processes that hold a socket of the run.</summary>
    private static IEnumerable<string> NodesOf(string sockets) =>
        File.ReadAllLines("/proc/net/unix").Where(line => line.Contains(sockets, StringComparison.Ordinal));
}
