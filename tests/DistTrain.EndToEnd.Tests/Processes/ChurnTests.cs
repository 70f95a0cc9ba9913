using System.Diagnostics;
using System.Globalization;
using DistTrain.Hosting;
using Xunit.Abstractions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>A process killed every ten seconds for a long time: those that stay hold no more than before.</summary>
public class ChurnTests(ITestOutputHelper output)
{
    /// <summary>How long, in seconds; a minute without it, ten for the record (docs/processes.md).</summary>
    public const string Variable = "DISTTRAIN_CHURN_SECONDS";

    /// <summary>Of the time, each told by its median; the first two are warm-up.</summary>
    private const int Parts = 5, Warm = 2;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Sampling = TimeSpan.FromMilliseconds(500);

    [SkippableFact]
    [Trait("Category", "Long")]
    public async Task Processes_that_stay_grow_by_nothing_when_others_are_killed_and_replaced()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is read in /proc");
        int seconds = int.Parse(Environment.GetEnvironmentVariable(Variable) ?? "60", CultureInfo.InvariantCulture);

        // As people run it, not as tests like to: methods that are compiled again when they were called often are memory that grows.
        var compiledOnce = new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "0" };
        using var run = new LiveRun(
            LiveRun.SmallJob, ["--workers", "3", "--servers", "2", "--set", "run.replicas=2", "--set", "run.checkpointEvery=500"], compiledOnce);
        await run.StepsAsync(50);
        RunReport first = await run.StatusAsync(report => report.Nodes.Count == 4, "four processes");
        (string Name, int Process)[] staying =
        [
            ("launcher", run.Launcher.ProcessId),
            .. first.Nodes.Where(node => node.Name is "coordinator" or "worker 0").Select(node => (node.Name, node.ProcessId)),
        ];
        Assert.Equal(3, staying.Length);
        var samples = staying.ToDictionary(each => each.Name, _ => new List<ProcessUsage>());

        // One has a server too, the other is a worker alone.
        string[] victims = ["worker 1", "worker 2"];
        int kills = 0;
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Sampling);
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            await timer.WaitForNextTickAsync();
            foreach ((string name, int process) in staying)
            {
                samples[name].Add(ProcessUsage.Of(process) ?? throw new InvalidOperationException($"{name} has ended:\n{run.Launcher.Text}"));
            }

            if (clock.Elapsed >= (kills + 1) * Between)
            {
                string victim = victims[kills++ % 2];
                RunReport report = await run.StatusAsync(now => now.Nodes.Any(node => node.Name == victim && node.ProcessId > 0), victim);
                using Process process = Process.GetProcessById(report.Nodes.First(node => node.Name == victim && node.ProcessId > 0).ProcessId);
                process.Kill();
                process.WaitForExit();
                await run.StepsAsync(1);
            }
        }

        Assert.InRange(kills, seconds / 10 / 2, seconds / 10);
        output.WriteLine($"{kills} kills, {run.Step} steps in {clock.Elapsed.TotalSeconds:F0} s");
        foreach ((string name, List<ProcessUsage> series) in samples)
        {
            for (int i = 0; i < Parts; i++)
            {
                output.WriteLine($"{name}, part {i + 1} of {Parts}: {PartOf(series, i)}");
            }
        }

        output.WriteLine($"{await run.MustEndWithTheCalmHashAsync()} steps, the calm engine's hash");

        foreach ((string name, List<ProcessUsage> series) in samples)
        {
            Judge(name, series, seconds);
        }
    }

    /// <summary>Compares the part after warm-up with the last one.</summary>
    private static void Judge(string name, List<ProcessUsage> series, int seconds)
    {
        const double FlatMax = 0.05;

        // In a minute methods are still being compiled and the collector has not settled.
        const double ShortFlatMax = 0.3;
        const int LongSeconds = 300, FewMax = 4;
        ProcessUsage warm = PartOf(series, Warm), end = PartOf(series, Parts - 1);
        double grown = ((double)end.ResidentKilobytes / warm.ResidentKilobytes) - 1;
        Assert.True(grown <= (seconds >= LongSeconds ? FlatMax : ShortFlatMax), $"{name}: memory grew by {grown:P1}, from {warm} to {end}");
        Assert.True(end.Threads <= warm.Threads + FewMax, $"{name}: threads, from {warm} to {end}");
        Assert.True(end.Descriptors <= warm.Descriptors + FewMax, $"{name}: descriptors, from {warm} to {end}");
    }

    private static ProcessUsage PartOf(List<ProcessUsage> series, int part) => ProcessUsage.Median(series.GetRange(part * series.Count / Parts, series.Count / Parts));
}
