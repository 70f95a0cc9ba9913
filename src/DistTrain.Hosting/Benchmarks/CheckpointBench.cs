using System.Diagnostics;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// What checkpoints cost: one run, in which every other window of steps begins with one, so that each pair of windows sees the same
/// clock rate and the same neighbours. What a checkpoint costs it costs in the steps after it.
/// </summary>
public static class CheckpointBench
{
    /// <summary>Pairs at the start that don't count: compilation, first touch of memory, the first files.</summary>
    private const int WarmupPairs = 1;

    /// <summary>Runs the task until so many pairs of windows are measured.</summary>
    /// <param name="task">Without validation part; its run.checkpointEvery is twice the window. Runs for pairs + 1 times as many steps, or more.</param>
    /// <param name="folder">Where the checkpoints go; made anew, and emptied in the end.</param>
    /// <param name="pairs">Of windows.</param>
    /// <exception cref="TrainingFailedException">The run diverged.</exception>
    public static async Task<CheckpointMeasurement> RunAsync(TrainingTask task, string folder, int pairs)
    {
        ArgumentNullException.ThrowIfNull(task);
        int every = task.Job.Run.CheckpointEvery;
        if (every < 2 || every % 2 > 0)
        {
            throw new ArgumentException($"run.checkpointEvery is {every}; needed is an even number, two windows.", nameof(task));
        }

        Directory.CreateDirectory(folder);
        long bytes = (1L + task.Rule.SlotCount) * task.Layout.Length * sizeof(float);
        List<double> disk = [Write(folder, bytes)];
        var recorder = new Recorder(every, WarmupPairs + pairs);
        using (var run = new InProcessRun(task, task.Start(), new CheckpointFolder(Path.Combine(folder, "checkpoints"), task.Layout), _ => { }))
        {
            recorder.OnOver = run.RequestStop;
            run.OnReport = recorder.Take;
            run.Start();
            await run.Completion.ConfigureAwait(false);
        }

        disk.Add(Write(folder, bytes));
        Directory.Delete(folder, recursive: true);
        return recorder.Result(bytes, disk);
    }

    private static double Write(string folder, long bytes)
    {
        byte[] piece = new byte[1 << 20];
        long start = Stopwatch.GetTimestamp();
        string path = Path.Combine(folder, "plain");
        DurableFile.Write(path, stream =>
        {
            for (long left = bytes; left > 0; left -= piece.Length)
            {
                stream.Write(piece.AsSpan(0, (int)Math.Min(left, piece.Length)));
            }
        });
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        File.Delete(path);
        return seconds;
    }

    /// <summary>Called by the coordinator's host, one report at a time.</summary>
    private sealed class Recorder(int every, int pairs)
    {
        // When the version at each boundary of windows was committed: after every / 2, every, 3 / 2 every ... steps.
        private readonly List<long> boundaries = [];
        private readonly Dictionary<long, long> reached = [];
        private readonly List<double> writes = [];
        private int leftOut;

        public Action? OnOver { get; set; }

        public void Take(RunEvent happened)
        {
            long now = Stopwatch.GetTimestamp();
            switch (happened)
            {
                case StepCommitted step when step.Step.After.Value % (every / 2) == 0:
                    boundaries.Add(now);
                    reached[step.Step.After.Value] = now;
                    if (boundaries.Count == (2 * pairs) + 1)
                    {
                        OnOver!();
                    }

                    break;
                case CheckpointCommitted written when reached.TryGetValue(written.Version.Value, out long then):
                    writes.Add(Stopwatch.GetElapsedTime(then, now).TotalSeconds);
                    break;
                case CheckpointSkipped:
                    leftOut++;
                    break;
            }
        }

        public CheckpointMeasurement Result(long bytes, List<double> disk)
        {
            var with = new List<double>();
            var without = new List<double>();
            for (int pair = WarmupPairs; pair < pairs; pair++)
            {
                // The first boundary is half a period in: windows with a checkpoint begin at odd places.
                int first = (2 * pair) - 1;
                with.Add(Stopwatch.GetElapsedTime(boundaries[first], boundaries[first + 1]).TotalSeconds);
                without.Add(Stopwatch.GetElapsedTime(boundaries[first + 1], boundaries[first + 2]).TotalSeconds);
            }

            return new CheckpointMeasurement(with, without, [.. writes.Skip(WarmupPairs)], bytes, disk, leftOut);
        }
    }
}
