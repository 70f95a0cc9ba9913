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
    /// <summary>A worker's process is killed on the way, so that there is a recovery to see.</summary>
    [Fact]
    public async Task Every_process_is_there_and_no_push_arrives_before_it_was_sent()
    {
        Job job = JobFile.Parse(HardJob.Yaml.Replace("epochs: 4, batch: 32, steps: 10", "epochs: 40, batch: 32", StringComparison.Ordinal)
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
            end = await run.Completion.WaitAsync(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(end.Weights));
        var trace = Trace.Read(folder["trace.json"]);
        Assert.Empty(trace.Crossings(slack: 0.002));

        // Who comes in place of the killed one may be ready only when the run is over.
        Assert.Equal(["coordinator", "worker", "worker"], first.Select(process => trace.Processes[process].Split(' ')[0]).Order());
        Assert.Contains(trace.Processes.Values, name => name.StartsWith("launcher", StringComparison.Ordinal));
        Assert.InRange(trace.Processes.Count, 4, 5);
        Assert.All(first.Where(process => process != killed), process => Assert.Contains(trace.Events, each => each.Process == process));
        Assert.True(trace.Events.Count(each => each.Name == "gather") >= 2);
        Assert.Contains(trace.Events, each => each.Name.EndsWith("gone", StringComparison.Ordinal));

        // On one host all processes read the same clock, so what was estimated is nearly nothing.
        List<TraceEvent> clocks = [.. trace.Events.Where(each => each.Name == "clock")];
        Assert.All(clocks, clock => Assert.InRange(Math.Abs(clock.Arguments["offset_us"]), 0, clock.Arguments["uncertainty_us"] + 1));
        Dictionary<int, double> uncertainty = clocks.GroupBy(each => each.Process).ToDictionary(group => group.Key, group => group.Max(each => each.Arguments["uncertainty_us"]));
        ILookup<(double, double, double, double), TraceEvent> pushes = trace.Events.Where(each => each.Name == "push").ToLookup(Key);
        int matched = 0;
        foreach (TraceEvent receive in trace.Events.Where(each => each.Name == "receive"))
        {
            // A killed process takes its last spans with it.
            if (pushes[Key(receive)].MinBy(push => push.Begin) is { } push)
            {
                matched++;
                Assert.True(push.Begin <= receive.Begin + uncertainty[push.Process] + uncertainty[receive.Process], $"{push} and {receive}");
            }
        }

        Assert.True(matched > 50, $"{matched} pushes have their receive");
    }

    private static (double, double, double, double) Key(TraceEvent each) =>
        (each.Arguments["step"], each.Arguments["block"], each.Arguments["slice"], each.Arguments["slices"]);
}
