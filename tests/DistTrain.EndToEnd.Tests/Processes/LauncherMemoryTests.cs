using System.Diagnostics;
using System.Threading.Channels;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Training;
using Xunit.Abstractions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>What a launcher keeps of processes that were replaced, without the garbage that a process's resident memory has too.</summary>
[Collection(nameof(LauncherMemoryTests))]
[CollectionDefinition(nameof(LauncherMemoryTests), DisableParallelization = true)]
public class LauncherMemoryTests(ITestOutputHelper output)
{
    /// <summary>Kills; the first few are warm-up, then as many at the beginning are compared with as many at the end.</summary>
    private const int Kills = 150, Warm = 10, Part = 40;

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_launcher_keeps_next_to_nothing_of_processes_that_were_replaced()
    {
        // Numbers of machines that are not used again, and which of them are dead, in several lists; names and lanes are gone.
        const long BytesPerKillMax = 2048;
        Job job = JobFile.Parse(LiveRun.SmallJob + "run: { engine: processes, workers: 2, servers: 2, replicas: 2, threads: 1, checkpointEvery: 200 }\n");
        TrainingTask task = TrainingTask.Open(job, HardJob.Folders);
        var progress = Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        using var run = new ProcessRun(task, task.Start(), folder: null, BuiltCommand.Processes, _ => { }, step => progress.Writer.TryWrite(step.Step.Value));
        run.Start();
        var kept = new List<long>(Kills);
        for (int kill = 1; kill <= Kills; kill++)
        {
            await progress.Reader.ReadAsync(deadline.Token);
            (_, int id, _) = run.Processes.First(process => process.Machines.Any(machine => machine.Role == MachineRole.Worker));
            using (Process victim = Process.GetProcessById(id))
            {
                victim.Kill();
                await victim.WaitForExitAsync(deadline.Token);
            }

            // The one that follows is set up, and the run goes on with it.
            while (run.Processes.Any(process => process.ProcessId == id))
            {
                await progress.Reader.ReadAsync(deadline.Token);
            }

            for (int i = 0; i < 20; i++)
            {
                await progress.Reader.ReadAsync(deadline.Token);
            }

            kept.Add(GC.GetTotalMemory(forceFullCollection: true));
            output.WriteLine($"kill {kill}: {kept[^1]:N0} bytes");
        }

        run.RequestStop();
        await run.Completion.WaitAsync(deadline.Token);

        // Medians: a message on its way holds its buffer, some hundred kilobytes, for as long as that takes.
        long grown = Median(kept[^Part..]) - Median(kept[Warm..(Warm + Part)]);
        Assert.InRange(grown, long.MinValue, (Kills - Part - Warm) * BytesPerKillMax);
    }

    private static long Median(List<long> values) => values.Order().ElementAt(values.Count / 2);
}
