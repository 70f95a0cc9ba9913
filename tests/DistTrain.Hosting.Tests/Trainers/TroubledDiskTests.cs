using System.Diagnostics;
using DistTrain.Data;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>Run folders that can't be written for a while, and files that somebody damaged: training goes on, to the calm run's bits.</summary>
public class TroubledDiskTests(TroubledDiskTests.TrainedRun trained) : IClassFixture<TroubledDiskTests.TrainedRun>
{
    private const string Yaml = "model: { layers: [Flatten, { Dense: { units: 8, activation: relu } }, { Dense: 10 }] }\n"
        + "data: { limit: 128 }\ntrain: { epochs: EPOCHS, batch: 16, optimizer: { adam: 0.01 } }\nrun: { workers: 2, servers: 2, threads: 1, checkpointEvery: EVERY }\n";

    private static DataFolders Folders => DataFolders.For(null);

    [Fact]
    public async Task A_folder_that_can_t_be_written_is_told_of_once_and_written_later()
    {
        using var parent = new TestFolder();
        PreparedRun run = PreparedRun.Open(JobOf(parent["run"], epochs: 40), Folders);
        TrainingSession session = run.Begin(DateTimeOffset.UnixEpoch);
        string obstacle = parent["run", "checkpoints"];
        File.WriteAllText(obstacle, "");
        await AssertRecovers(run, session, () => File.Delete(obstacle), Path.Combine("checkpoints", "step-"));
    }

    /// <summary>A real file system of a megabyte, full but for some kilobytes.</summary>
    [SkippableFact]
    public async Task A_full_disk_is_told_of_once_and_written_when_it_has_room()
    {
        using var parent = new TestFolder();
        Skip.IfNot(await Shell("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", parent.Path), "no right to mount a small file system");
        try
        {
            PreparedRun run = PreparedRun.Open(JobOf(parent["run"], epochs: 40), Folders);
            TrainingSession session = run.Begin(DateTimeOffset.UnixEpoch);
            string filler = parent["filler"];
            await File.WriteAllBytesAsync(filler, new byte[1_000_000]);
            await AssertRecovers(run, session, () => File.Delete(filler), "the disk was full");
        }
        finally
        {
            Assert.True(await Shell("umount", "-l", parent.Path));
        }
    }

    public static TheoryData<string, string> Damage()
    {
        var data = new TheoryData<string, string>();
        foreach (string file in new[] { "weights.safetensors", "slots.safetensors", "manifest.json" })
        {
            foreach (string how in new[] { "one bit turned", "cut short", "gone" })
            {
                data.Add(file, how);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task A_damaged_checkpoint_is_named_and_the_one_before_is_used(string file, string how)
    {
        using var parent = new TestFolder();
        await trained.CopyToAsync(parent["run"]);
        string path = parent["run", "checkpoints", "step-00000016", file];
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 3] ^= 1;
        switch (how)
        {
            case "gone":
                File.Delete(path);
                break;
            case "cut short":
                File.WriteAllBytes(path, content[..^1]);
                break;
            default:
                File.WriteAllBytes(path, content);
                break;
        }

        PreparedRun resumed = PreparedRun.Resume(parent["run"], new JobOverlays().AddSet("train.epochs=3"), Folders);
        if (file == "manifest.json" && how == "gone")
        {
            // As if it had been cut off while it was written: nobody ever relied on it.
            Assert.Empty(resumed.Notices);
        }
        else
        {
            string notice = Assert.Single(resumed.Notices);
            Assert.StartsWith("passed over: ", notice, StringComparison.Ordinal);
            Assert.Contains(Path.Combine("step-00000016", file == "manifest.json" || how != "gone" ? file : ""), notice, StringComparison.Ordinal);
        }

        TrainingSession session = resumed.Begin(DateTimeOffset.UnixEpoch);
        var events = new List<TrainingEvent>();
        await foreach (TrainingEvent happened in session.RunAsync())
        {
            events.Add(happened);
        }

        Assert.Equal(8, Assert.IsType<RunStarted>(events[0]).Step);
        Assert.Equal(await trained.HashAsync(), ((RunDone)events[^1]).WeightsSha256);
    }

    [Fact]
    public async Task A_best_version_that_is_damaged_is_trained_again()
    {
        const string steered = "model: { layers: [Flatten, { Dense: 10 }] }\ndata: { limit: 128, validation: 0.25 }\n"
            + "train: { epochs: 12, batch: 16, optimizer: { adam: 0.1 }, earlyStopping: { patience: 3, restoreBest: true } }\nrun: { checkpointEvery: 3, keepCheckpoints: 9 }\n";
        using var parent = new TestFolder();
        PreparedRun first = PreparedRun.Open(JobFile.Parse(steered, overlays: new JobOverlays().AddFlag("--out", "run.out", parent["run"])), Folders);
        RunDone done = await LastAsync(first.Begin(DateTimeOffset.UnixEpoch));
        var checkpoints = new CheckpointFolder(parent["run", "checkpoints"], first.Task.Layout);
        long best = checkpoints.ReadNewest(out _)!.Steering.BestVersion;
        Assert.InRange(best, 1, done.Steps - 1);
        File.Delete(parent["run", "checkpoints", $"step-{best:D8}", "slots.safetensors"]);

        PreparedRun resumed = PreparedRun.Resume(parent["run"], null, Folders);
        Assert.All(resumed.Notices, notice => Assert.Contains($"step-{best:D8}", notice, StringComparison.Ordinal));
        Assert.NotEmpty(resumed.Notices);
        Assert.Equal(done.WeightsSha256, (await LastAsync(resumed.Begin(DateTimeOffset.UnixEpoch))).WeightsSha256);
    }

    private static Job JobOf(string? path, int epochs)
    {
        JobOverlays overlays = new();
        return JobFile.Parse(
            Yaml.Replace("EPOCHS", $"{epochs}", StringComparison.Ordinal).Replace("EVERY", epochs > 3 ? "3" : "8", StringComparison.Ordinal), overlays: path is null ? overlays : overlays.AddFlag("--out", "run.out", path));
    }

    private static async Task AssertRecovers(PreparedRun run, TrainingSession session, Action makeRoom, string reason)
    {
        var notices = new List<string>();
        var written = new List<long>();
        var all = new List<string>();
        RunDone? done = null;
        await foreach (TrainingEvent happened in session.RunAsync())
        {
            done = happened as RunDone;
            all.Add($"{happened}");
            if (happened is CheckpointWritten checkpoint)
            {
                written.Add(checkpoint.Step);
            }

            if (happened is RunNotice { Message: var message } && message.Contains("checkpoint", StringComparison.Ordinal) && !message.Contains("left out", StringComparison.Ordinal))
            {
                notices.Add(message);
                if (notices.Count == 1)
                {
                    makeRoom();
                }
            }
        }

        Assert.True(notices.Count == 2, string.Join("\n", all));
        Assert.Contains("could not be written; training goes on, and it is tried again: ", notices[0], StringComparison.Ordinal);
        Assert.True(notices[0].Contains(reason, StringComparison.Ordinal), notices[0]);
        Assert.Matches("^the checkpoint of step [0-9]+ could be written, after [0-9]+ that could not$", notices[1]);
        Assert.Equal(run.Task.Steps.TotalSteps, written[^1]);
        Assert.Equal(await CalmHashAsync(epochs: 40), done!.WeightsSha256);
    }

    private static async Task<string> CalmHashAsync(int epochs)
    {
        PreparedRun calm = PreparedRun.Open(JobOf(null, epochs), Folders);
        return (await LastAsync(new TrainingSession(calm.Task, calm.Model))).WeightsSha256;
    }

    private static async Task<RunDone> LastAsync(TrainingSession session)
    {
        TrainingEvent? last = null;
        await foreach (TrainingEvent happened in session.RunAsync())
        {
            last = happened;
        }

        return Assert.IsType<RunDone>(last);
    }

    private static async Task<bool> Shell(string program, params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    /// <summary>A run of two epochs that came to its end, and what three would have given.</summary>
    public sealed class TrainedRun : IDisposable
    {
        private readonly TestFolder folder = new();
        private readonly Lazy<Task> trained;
        private readonly Lazy<Task<string>> calm = new(() => CalmHashAsync(epochs: 3));

        public TrainedRun() =>
            trained = new(() => LastAsync(PreparedRun.Open(JobOf(folder["run"], epochs: 2), Folders).Begin(DateTimeOffset.UnixEpoch)));

        public Task<string> HashAsync() => calm.Value;

        public async Task CopyToAsync(string target)
        {
            await trained.Value;
            foreach (string file in Directory.EnumerateFiles(folder["run"], "*", SearchOption.AllDirectories))
            {
                string copy = Path.Combine(target, Path.GetRelativePath(folder["run"], file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }

        public void Dispose() => folder.Dispose();
    }
}
