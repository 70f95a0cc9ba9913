using System.Diagnostics;
using System.Text.Json.Nodes;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>A process that is killed while it writes a checkpoint, again and again, and goes on each time: the calm run's hash in the end.</summary>
public class KillDuringCheckpointTests
{
    private const int Tries = 50;

    /// <summary>Writing takes longer than two steps, so that nearly every moment is one of a checkpoint.</summary>
    private const string Yaml = """
        model: { layers: [Flatten, { Dense: { units: 1024, activation: relu } }, { Dense: { units: 1024, activation: relu } }, { Dense: 10 }] }
        data: { limit: 160 }
        train: { epochs: 1000000, batch: 16, optimizer: adam }
        run: { workers: 1, servers: 2, threads: 1, checkpointEvery: 2, keepCheckpoints: 2 }

        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_kill_at_any_moment_of_a_checkpoint_leaves_one_to_go_on_from()
    {
        var random = new Random(11);
        using var folder = new TestFolder();
        File.WriteAllText(folder["job.yaml"], Yaml);
        string checkpoints = folder["run", "checkpoints"];
        int duringWrite = 0;
        long complete = 0;
        for (int i = 0; i < Tries; i++)
        {
            string[] arguments = i == 0 ? [folder["job.yaml"], "--out", folder["run"]] : ["--resume", folder["run"]];
            using var cli = new CliProcess(new Dictionary<string, string>(), ["train", .. arguments, "--json"]);
            JsonNode started = (await cli.ReadAsync())!;
            Assert.Equal(complete, (long)started["step"]!);

            // Some part of the way through some file of the second checkpoint from here, or of a later one, since those that are due while
            // the disk is behind are left out: any moment of its writing.
            AwaitFolder(checkpoints, complete + 4);
            Spin(TimeSpan.FromMicroseconds(random.Next(0, 60_000)));
            cli.Kill();
            Assert.Equal(137, await cli.ExitAsync());
            Assert.DoesNotContain("passed over", await cli.ErrorAsync(), StringComparison.Ordinal);
            duringWrite += Folders(checkpoints).Any(each => !HasManifest(each) || Directory.EnumerateFiles(each, "*.partial").Any()) ? 1 : 0;
            long newest = Folders(checkpoints).Where(HasManifest).Max(StepOf);
            Assert.InRange(newest, complete, long.MaxValue);
            complete = newest;
        }

        Assert.InRange(duringWrite, Tries / 3, Tries);
        string end = $"train.steps={complete + 7}";
        IReadOnlyList<JsonNode> lines = await CliProcess.JsonOf(new Dictionary<string, string>(), "train", "--resume", folder["run"], "--set", end, "--json");
        Job whole = JobFile.Load(folder["job.yaml"], new JobOverlays().AddSet(end));
        Assert.Equal(await HardJob.HashAsync(whole), (string?)lines[^1]["weights_sha256"]);
    }

    private static void AwaitFolder(string checkpoints, long step)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Directory.Exists(checkpoints) || !Folders(checkpoints).Any(each => StepOf(each) >= step))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"no checkpoint of step {step} or later was begun");
            Thread.Yield();
        }
    }

    private static void Spin(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            Thread.Yield();
        }
    }

    private static string[] Folders(string checkpoints) => Directory.GetDirectories(checkpoints, "step-*");

    private static long StepOf(string checkpoint) => long.Parse(Path.GetFileName(checkpoint)["step-".Length..]);

    private static bool HasManifest(string checkpoint) => File.Exists(Path.Combine(checkpoint, "manifest.json"));
}
