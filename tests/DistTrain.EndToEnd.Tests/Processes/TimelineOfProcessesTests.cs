using System.Text.Json;
using System.Threading.Channels;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.TestKit;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>One clock for all processes.</summary>
public class TimelineOfProcessesTests
{
    private const int PushesMin = 50;
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(4);

    /// <summary>A worker's process is killed on the way, so that there is a recovery to see.</summary>
    [Fact]
    public async Task Every_process_is_there_and_no_push_arrives_before_it_was_sent()
    {
        Job job = JobFile.Parse(HardJob.Yaml.Replace("epochs: 4, batch: 32, steps: 10", "epochs: 1000000, batch: 32", StringComparison.Ordinal)
            + "run: { engine: processes, workers: 2, servers: 2, replicas: 1, threads: 1, checkpointEvery: 20 }\n");
        TrainingTask task = TrainingTask.Open(job, HardJob.Folders);
        var steps = Channel.CreateUnbounded<long>();
        using var folder = new TestFolder();
        Checkpoint end;
        int killed;
        int[] first;
        using (var run = new ProcessRun(
            task, task.Start(), new CheckpointFolder(folder["run"], task.Layout), BuiltCommand.Processes, _ => { }, step => steps.Writer.TryWrite(step.Step.Value), new TimelineFile(folder["trace.json"])))
        {
            run.Start();
            for (int i = 0; i < 30; i++)
            {
                await steps.Reader.ReadAsync();
            }

            first = [.. run.Processes.Select(process => process.Node)];
            (killed, int victim, _) = run.Processes.First(process => process.Machines.Any(machine => machine.Role == MachineRole.Worker));
            System.Diagnostics.Process.GetProcessById(victim).Kill();

            // It has no end of its own: the others recover, and have told of it, before it is stopped.
            await UntilToldAsync(folder["trace.json"], trace => Gathers(trace) >= 2 && Matched(trace).Count() > PushesMin && first.All(process => process == killed || trace.Events.Any(each => each.Process == process)), steps.Reader);
            run.RequestStop();
            end = await run.Completion.WaitAsync(Watchdog);
        }

        TrainingTask same = TrainingTask.Open(job with { Train = job.Train with { Steps = end.Step } }, HardJob.Folders);
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(same).Run().Weights), WeightsHash.Sha256(end.Weights));
        var trace = Trace.Read(folder["trace.json"]);
        Assert.Empty(trace.Crossings(slack: 0.002));

        // Who comes in place of the killed one may be ready only when the run is over.
        Assert.Equal(["coordinator", "worker", "worker"], first.Select(process => trace.Processes[process].Split(' ')[0]).Order());
        Assert.Contains(trace.Processes.Values, name => name.StartsWith("launcher", StringComparison.Ordinal));
        Assert.InRange(trace.Processes.Count, 4, 5);
        Assert.All(first.Where(process => process != killed), process => Assert.Contains(trace.Events, each => each.Process == process));
        Assert.True(Gathers(trace) >= 2);
        Assert.Contains(trace.Events, each => each.Name.EndsWith("gone", StringComparison.Ordinal));

        // On one host all processes read the same clock, so what was estimated is nearly nothing.
        List<TraceEvent> clocks = [.. trace.Events.Where(each => each.Name == "clock")];
        Assert.All(clocks, clock => Assert.InRange(Math.Abs(clock.Arguments["offset_us"]), 0, clock.Arguments["uncertainty_us"] + 1));
        Dictionary<int, double> uncertainty = clocks.GroupBy(each => each.Process).ToDictionary(group => group.Key, group => group.Max(each => each.Arguments["uncertainty_us"]));
        (TraceEvent Push, TraceEvent Receive)[] matched = [.. Matched(trace)];
        Assert.True(matched.Length > PushesMin, $"{matched.Length} pushes have their receive");
        Assert.All(matched, pair => Assert.True(
            pair.Push.Begin <= pair.Receive.Begin + uncertainty[pair.Push.Process] + uncertainty[pair.Receive.Process], $"{pair.Push} and {pair.Receive}"));
    }

    /// <summary>
    /// Both before or both after a recovery, which computes the last steps again: a killed process takes its last pushes with it, and
    /// their receives are not those of the pushes that came in their place.
    /// </summary>
    private static IEnumerable<(TraceEvent Push, TraceEvent Receive)> Matched(Trace trace)
    {
        double[] gathers = [.. trace.Events.Where(each => each.Name == "gather").Select(each => each.Begin)];
        ILookup<(double, double, double, double, int), TraceEvent> pushes = trace.Events.Where(each => each.Name == "push").ToLookup(KeyOf);
        return from receive in trace.Events
               where receive.Name == "receive"
               let push = pushes[KeyOf(receive)].MinBy(push => push.Begin)
               where push is not null
               select (push, receive);

        (double, double, double, double, int) KeyOf(TraceEvent each) =>
            (each.Arguments["step"], each.Arguments["block"], each.Arguments["slice"], each.Arguments["slices"], gathers.Count(begin => begin <= each.Begin));
    }

    private static int Gathers(Trace trace) => trace.Events.Count(each => each.Name == "gather");

    /// <summary>Looks into the file while it is written, after every step.</summary>
    private static async Task UntilToldAsync(string path, Func<Trace, bool> isThere, ChannelReader<long> steps)
    {
        using var deadline = new CancellationTokenSource(Watchdog);
        while (true)
        {
            try
            {
                if (isThere(Trace.Read(path)))
                {
                    return;
                }
            }
            catch (JsonException)
            {
                // In the middle of a write.
            }

            do
            {
                await steps.ReadAsync(deadline.Token);
            }
            while (steps.TryPeek(out _));
        }
    }
}
