using System.Diagnostics;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>Times the steps of a run in this process: the whole path of training, machines and updates included, without a run folder.</summary>
public static class StepBench
{
    /// <summary>Runs a task until its last step or until the time is over.</summary>
    /// <param name="task">Without validation and test part; checkpoints should be rarer than its steps.</param>
    /// <param name="warmupSteps">Steps at the start that are not counted: compilation and first touch of memory.</param>
    /// <param name="secondsMax">Ends the run so long after the warm-up.</param>
    /// <exception cref="TrainingFailedException">The run diverged.</exception>
    public static async Task<StepMeasurement> RunAsync(TrainingTask task, int warmupSteps, double secondsMax)
    {
        ArgumentNullException.ThrowIfNull(task);
        var recorder = new Recorder(warmupSteps, secondsMax);
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { }, recorder.Take);
        recorder.OnTimeOver = run.RequestStop;
        run.Start();
        Checkpoint end = await run.Completion.ConfigureAwait(false);
        return recorder.Result(end);
    }

    /// <summary>Called by the coordinator's host, one step at a time.</summary>
    private sealed class Recorder(int warmupSteps, double secondsMax)
    {
        private readonly List<(long Ticks, int Samples)> commits = [];
        private TimeSpan cpuStart;
        private TimeSpan cpuEnd;
        private long seen;
        private bool over;

        public Action? OnTimeOver { get; set; }

        public void Take(StepCommitted step)
        {
            long now = Stopwatch.GetTimestamp();
            if (++seen < warmupSteps)
            {
                return;
            }

            // The last step of the warm-up is where the clock starts; its own samples don't count.
            cpuEnd = Environment.CpuUsage.TotalTime;
            cpuStart = commits.Count == 0 ? cpuEnd : cpuStart;
            commits.Add((now, step.Samples));
            if (!over && Stopwatch.GetElapsedTime(commits[0].Ticks, now).TotalSeconds >= secondsMax)
            {
                over = true;
                OnTimeOver!();
            }
        }

        public StepMeasurement Result(Checkpoint end)
        {
            double[] steps = new double[Math.Max(0, commits.Count - 1)];
            for (int i = 0; i < steps.Length; i++)
            {
                steps[i] = Stopwatch.GetElapsedTime(commits[i].Ticks, commits[i + 1].Ticks).TotalSeconds;
            }

            return new StepMeasurement(
                steps,
                commits.Skip(1).Sum(commit => (long)commit.Samples),
                steps.Sum(),
                (cpuEnd - cpuStart).TotalSeconds,
                end.Step,
                WeightsHash.Sha256(end.Weights));
        }
    }
}
