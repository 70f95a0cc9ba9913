using System.ComponentModel;
using System.Diagnostics;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>Times the steps of a run: the whole path of training, machines and updates included, without a run folder.</summary>
public static class StepBench
{
    /// <summary>Runs a task until its last step or until the time is over.</summary>
    /// <param name="task">Without validation and test part; checkpoints should be rarer than its steps.</param>
    /// <param name="warmupSteps">Steps at the start that are not counted: compilation and first touch of memory.</param>
    /// <param name="secondsMax">Ends the run so long after the warm-up.</param>
    /// <param name="processes">How the engine of several processes runs; null: all in this process.</param>
    /// <exception cref="TrainingFailedException">The run diverged.</exception>
    /// <exception cref="UserError">It ended before enough steps could be timed.</exception>
    public static async Task<StepMeasurement> RunAsync(TrainingTask task, int warmupSteps, double secondsMax, ProcessesOptions? processes = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        var recorder = new Recorder(warmupSteps, secondsMax, task.Steps.TotalSteps);
        Checkpoint start = task.Start() with { DataSha256 = task.DataSha256 };
        if (processes is null)
        {
            using var run = new InProcessRun(task, start, folder: null, _ => { }, recorder.Take);
            return await MeasureAsync(run, recorder).ConfigureAwait(false);
        }

        using var several = new ProcessRun(task, start, folder: null, processes, _ => { }, recorder.Take);
        recorder.Several = several;
        return await MeasureAsync(several, recorder).ConfigureAwait(false);
    }

    private static async Task<StepMeasurement> MeasureAsync(IEngineRun run, Recorder recorder)
    {
        recorder.OnTimeOver = run.RequestStop;
        run.Start();
        return recorder.Result(await run.Completion.ConfigureAwait(false));
    }

    /// <summary>Called by whoever hears the coordinator, one step at a time.</summary>
    private sealed class Recorder(int warmupSteps, double secondsMax, long totalSteps)
    {
        /// <summary>
        /// Steps are timed together until this is over: several processes tell some at a time, at ticks. In a fifth of a second those are 16 or 17 steps
        /// of the convolution preset: too coarse.
        /// </summary>
        private const double WindowSeconds = 1;

        private readonly List<(long Ticks, int Samples)> commits = [];
        private IReadOnlyList<(string Process, double Seconds)> cpuStart = [];
        private IReadOnlyList<(string Process, double Seconds)> cpuEnd = [];
        private RunReport? report;
        private long seen;
        private bool over;

        public Action? OnTimeOver { get; set; }

        public ProcessRun? Several { get; set; }

        public void Take(StepCommitted step)
        {
            long now = Several?.CommittedAt ?? Stopwatch.GetTimestamp();
            bool isToldWithTheLast = commits.Count > 0 && commits[^1].Ticks == now;

            // The last steps of the warm-up are where the clock starts; their own samples don't count.
            if (++seen < warmupSteps || (over && !isToldWithTheLast) || (commits.Count == 1 && isToldWithTheLast))
            {
                return;
            }

            cpuStart = commits.Count == 0 ? CpuSeconds() : cpuStart;
            commits.Add((now, step.Samples));
            if (over)
            {
                return;
            }

            bool timeIsOver = Stopwatch.GetElapsedTime(commits[0].Ticks, now).TotalSeconds >= secondsMax;
            if (timeIsOver || step.Step.Value + 1 == totalSteps)
            {
                over = true;
                cpuEnd = CpuSeconds();
                report = Several?.ReportNow();
                if (timeIsOver)
                {
                    OnTimeOver!();
                }
            }
        }

        public StepMeasurement Result(Checkpoint end)
        {
            if (commits.Count < 2)
            {
                throw new UserError($"bench: {seen} steps were trained, {warmupSteps} of them to warm up; allowed: more steps, or more seconds");
            }

            List<double> steps = [];
            for (int first = 0, next = 1; next < commits.Count; next++)
            {
                double seconds = Stopwatch.GetElapsedTime(commits[first].Ticks, commits[next].Ticks).TotalSeconds;
                bool isLast = next + 1 == commits.Count;
                if (isLast || (seconds >= WindowSeconds && commits[next + 1].Ticks > commits[next].Ticks))
                {
                    steps.AddRange(Enumerable.Repeat(seconds / (next - first), next - first));
                    first = next;
                }
            }

            return new StepMeasurement(
                steps,
                commits.Skip(1).Sum(commit => (long)commit.Samples),
                steps.Sum(),
                [.. cpuEnd.Join(cpuStart, each => each.Process, each => each.Process, (last, first) => (last.Process, last.Seconds - first.Seconds))],
                end.Step,
                WeightsHash.Sha256(end.Weights))
            {
                Report = report,
            };
        }

        private List<(string Process, double Seconds)> CpuSeconds()
        {
            List<(string, double)> all = [("bench", Environment.CpuUsage.TotalTime.TotalSeconds)];
            foreach ((int node, int id, IReadOnlyList<MachineId> machines) in Several?.Processes ?? [])
            {
                try
                {
                    using var process = Process.GetProcessById(id);
                    all.Add((string.Join('+', machines.Select(machine => $"{machine}")), process.TotalProcessorTime.TotalSeconds));
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
                {
                    // It has ended; others take its place.
                }
            }

            return all;
        }
    }
}
