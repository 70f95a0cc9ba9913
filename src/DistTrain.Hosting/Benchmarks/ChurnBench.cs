using System.Diagnostics;
using System.Threading.Channels;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>Runs in this process in which machines of every role are killed and others join, at steps spread over the run; deaths are told at once.</summary>
public static class ChurnBench
{
    /// <summary>Far beyond what a run takes in which nothing hangs.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>Trains a task to its end.</summary>
    /// <param name="task">With replicas: 2, so that no kill loses blocks.</param>
    /// <param name="kills">How many; 0: a calm run.</param>
    /// <param name="seed">Decides roles and machines.</param>
    /// <exception cref="TrainingFailedException">The run diverged.</exception>
    /// <exception cref="TimeoutException">The run hangs.</exception>
    public static async Task<ChurnMeasurement> RunAsync(TrainingTask task, int kills, int seed)
    {
        ArgumentNullException.ThrowIfNull(task);
        var steps = Channel.CreateUnbounded<long>(new UnboundedChannelOptions { SingleReader = true });
        var passes = new SortedDictionary<int, long>();
        long start = Stopwatch.GetTimestamp();
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { }, step => steps.Writer.TryWrite(step.Step.After.Value));
        run.OnReport = happened =>
        {
            if (happened is PassCompleted pass)
            {
                passes[pass.Totals.Pass] = pass.Totals.Samples;
            }
        };
        _ = run.Completion.ContinueWith(_ => steps.Writer.TryComplete(), TaskScheduler.Default);
        run.Start();
        Dictionary<MachineRole, int> killed = Enum.GetValues<MachineRole>().ToDictionary(role => role, _ => 0);
        if (kills > 0)
        {
            await Strike(run, steps.Reader, task.Steps.TotalSteps, kills, seed, killed).WaitAsync(Deadline).ConfigureAwait(false);
        }

        Checkpoint end = await run.Completion.WaitAsync(Deadline).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        RunCompleted outcome = run.Outcome!;
        return new ChurnMeasurement(
            seconds, WeightsHash.Sha256(end.Weights), outcome.CommittedSamples, outcome.DroppedSamples, [.. passes.Values], killed);
    }

    /// <summary>Kills follow progress, not time, so that they are spread alike on any machine.</summary>
    private static async Task Strike(
        InProcessRun run, ChannelReader<long> steps, long totalSteps, int kills, int seed, Dictionary<MachineRole, int> killed)
    {
        var random = new Random(seed);
        int struck = 0;
        await foreach (long step in steps.ReadAllAsync().ConfigureAwait(false))
        {
            if (struck < kills && step >= totalSteps * (struck + 1) / (kills + 1))
            {
                var role = (MachineRole)random.Next(killed.Count);
                Strike(run, role, random);
                killed[role]++;
                struck++;
            }
        }
    }

    /// <summary>One of a role dies, and another one joins.</summary>
    private static void Strike(InProcessRun run, MachineRole role, Random random)
    {
        MachineId[] candidates = [.. run.Members.Where(member => member.Role == role)];
        switch (role)
        {
            case MachineRole.Coordinator:
                run.SucceedCoordinator();
                break;
            case MachineRole.Server:
                run.Kill(candidates[random.Next(candidates.Length)]);
                run.AddServer();
                break;
            default:
                run.Kill(candidates[random.Next(candidates.Length)]);
                run.AddWorker();
                break;
        }
    }
}
