using System.Text.Json.Nodes;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

public class InterruptionTests
{
    /// <summary>
    /// A process is told to end at a step drawn from a seed, and another one with other counts goes on. The first has no end of its
    /// own, so the signal finds it at work however fast the machine; the second is told where to end, which decides no bit before.
    /// </summary>
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_terminated_process_is_resumed_by_others_to_the_calm_hash(int seed)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGTERM");
        var random = new Random(seed);
        long stopAt = random.Next(1, 200);
        using var folder = new TestFolder();
        File.WriteAllText(folder["job.yaml"], HardJob.Yaml.Replace("epochs: 4, batch: 32, steps: 10", "epochs: 1000000, batch: 32", StringComparison.Ordinal));
        using var cli = new CliProcess(
            new Dictionary<string, string>(), "train", folder["job.yaml"], "--json", "--workers", "2", "--threads", "1", "--out", folder["run"]);
        while (await cli.ReadAsync() is { } line)
        {
            if ((string?)line["event"] == "step" && (long)line["step"]! >= stopAt)
            {
                break;
            }
        }

        cli.Terminate();
        JsonNode? last = null;
        while (await cli.ReadAsync() is { } line)
        {
            last = line;
        }

        Assert.Equal(143, await cli.ExitAsync());
        Assert.Equal("interrupted", (string?)last!["event"]);
        long interrupted = (long)last["step"]!;
        Assert.InRange(interrupted, stopAt, long.MaxValue);
        Assert.Matches("go on with: disttrain train --resume .*run\n$", await cli.ErrorAsync());
        string end = $"train.steps={interrupted + random.Next(1, 50)}";
        IReadOnlyList<JsonNode> lines = await CliProcess.JsonOf(
            new Dictionary<string, string>(), "train", "--resume", folder["run"], "--set", end, "--json", "--workers", "3", "--servers", "2", "--threads", "1");
        Assert.Equal(interrupted, (long)lines[0]["step"]!);
        Job whole = JobFile.Load(folder["job.yaml"], new JobOverlays().AddSet(end));
        Assert.Equal(await HardJob.HashAsync(whole), (string?)lines[^1]["weights_sha256"]);
    }
}
