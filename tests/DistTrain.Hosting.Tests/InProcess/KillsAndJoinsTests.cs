using System.Threading.Channels;
using DistTrain.Protocol;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>Machines that die and join under real training, in real time: whatever the moment, the oracle's bits.</summary>
public class KillsAndJoinsTests
{
    private const string Job = TestTasks.Branching
        + "train: { epochs: 6, batch: 4, slices: 4, optimizer: { adam: 0.01 } }\nrun: { workers: 3, servers: 3, replicas: 2, threads: 1, checkpointEvery: 20 }\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Kills_and_joins_of_every_role_end_with_the_oracles_bits(int seed)
    {
        TrainingTask task = TestTasks.Task(Job);
        var random = new Random(seed);
        var steps = Channel.CreateUnbounded<long>();
        var epochs = new List<EpochCompleted>();
        void Note(TrainingEvent happened)
        {
            if (happened is EpochCompleted epoch)
            {
                epochs.Add(epoch);
            }
        }

        using var run = new InProcessRun(task, task.Start(), folder: null, Note, step => steps.Writer.TryWrite(step.Step.Value));
        run.Start();
        for (int i = 0; i < 10; i++)
        {
            // Faults follow progress, not time: no kill comes after the end.
            await NextSteps(steps.Reader, random.Next(1, 4));
            Strike(run, (i + seed) % 3, random);
        }

        Checkpoint result = await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(result.Weights));
        Assert.Equal((long)task.Job.Train.Epochs * task.Steps.Samples, run.Journal.Samples);
        Assert.Equal(Enumerable.Range(1, task.Job.Train.Epochs), epochs.Select(epoch => epoch.Epoch));
    }

    [Fact]
    public async Task A_stop_request_outlives_the_coordinator_that_got_it()
    {
        TrainingTask task = TestTasks.Task(Job);
        var steps = Channel.CreateUnbounded<long>();
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { }, step => steps.Writer.TryWrite(step.Step.Value));
        run.Start();
        await NextSteps(steps.Reader, 2);
        run.CloseCoordinator();
        run.RequestStop();
        run.SucceedCoordinator();

        await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.InRange(run.End!.Value.Value, 1, task.Steps.TotalSteps - 1);
    }

    [Theory]
    [InlineData(1, "there is only one")]
    [InlineData(3, "ranges were computed by two workers, with equal gradients")]
    public async Task Audits_change_no_bit_and_tell_once_what_they_did(int workers, string told)
    {
        TrainingTask task = TestTasks.Task(Job.Replace("workers: 3", $"audit: 1, workers: {workers}", StringComparison.Ordinal));
        var notices = new List<string>();
        using var run = new InProcessRun(task, task.Start(), folder: null, happened => notices.AddRange(happened is RunNotice notice ? [notice.Message] : []));
        run.Start();
        Checkpoint result = await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(result.Weights));
        Assert.Contains(told, Assert.Single(notices), StringComparison.Ordinal);
    }

    private static async Task NextSteps(ChannelReader<long> steps, int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        for (int i = 0; i < count; i++)
        {
            await steps.ReadAsync(deadline.Token);
        }
    }

    /// <summary>One of a role dies and another one joins.</summary>
    private static void Strike(InProcessRun run, int role, Random random)
    {
        List<MachineId> candidates = [.. run.Members.Where(member => (int)member.Role == role)];
        switch ((MachineRole)role)
        {
            case MachineRole.Coordinator:
                run.SucceedCoordinator();
                break;
            case MachineRole.Server:
                run.Kill(candidates[random.Next(candidates.Count)]);
                run.AddServer();
                break;
            default:
                run.Kill(candidates[random.Next(candidates.Count)]);
                run.AddWorker();
                break;
        }
    }
}
