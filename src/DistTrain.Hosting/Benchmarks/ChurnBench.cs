using System.Diagnostics;
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
        var gate = new StepGate(Deadline);
        var passes = new SortedDictionary<int, long>();
        long start = Stopwatch.GetTimestamp();
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { }, gate.Pass);
        run.OnReport = happened =>
        {
            if (happened is PassCompleted pass)
            {
                passes[pass.Totals.Pass] = pass.Totals.Samples;
            }
        };
        _ = run.Completion.ContinueWith(_ => gate.End(), TaskScheduler.Default);
        Dictionary<MachineRole, int> killed = Enum.GetValues<MachineRole>().ToDictionary(role => role, _ => 0);

        // Before the run begins: who starts machines steps them, and may be held with them.
        Task striking = Task.Factory.StartNew(
            () => Strike(run, gate, task.Steps.TotalSteps, kills, seed, killed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        run.Start();
        await striking.ConfigureAwait(false);
        Checkpoint end = await run.Completion.WaitAsync(Deadline).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        RunCompleted outcome = run.Outcome!;
        return new ChurnMeasurement(
            seconds, WeightsHash.Sha256(end.Weights), outcome.CommittedSamples, outcome.DroppedSamples, [.. passes.Values], killed);
    }

    /// <summary>Kills follow progress, not time, so that they are spread alike on any machine; the run waits for each.</summary>
    private static void Strike(InProcessRun run, StepGate gate, long totalSteps, int kills, int seed, Dictionary<MachineRole, int> killed)
    {
        var random = new Random(seed);
        for (int struck = 0; struck < kills && gate.Reach(totalSteps * (struck + 1) / (kills + 1)); struck++)
        {
            var role = (MachineRole)random.Next(killed.Count);
            gate.Strike(run, role, random);
            killed[role]++;
        }

        gate.LetGo();
    }
}
