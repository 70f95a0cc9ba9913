using System.Text.Json.Nodes;
using DistTrain.Training.Tests;

namespace DistTrain.Cli.Tests;

/// <summary>Cross-validation: data.folds, and a test part from a file of its own.</summary>
public sealed class FoldsTests : IDisposable
{
    private readonly TestFolder folder = new();

    public FoldsTests()
    {
        File.WriteAllLines(folder["rows.csv"], ["a,b,kind", .. Enumerable.Range(0, 32).Select(i => $"{i % 7},{i % 3},{(i % 4 == 0 ? "yes" : "no")}")]);
        File.WriteAllText(folder["job.yaml"], """
            model: { layers: [ { Dense: { units: 4, activation: relu } }, { Dense: 2 } ] }
            data: { path: rows.csv, folds: 3 }
            train: { epochs: 2, batch: 8, metrics: [ rocAuc ] }
            """);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_fold_is_a_run_and_the_last_line_their_mean()
    {
        CliRun run = await Train("--out", folder["run"], "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonObject[] lines = [.. run.Json()];
        Assert.Equal([1, 2, 3], lines.Where(line => Event(line) == "fold").Select(line => (int)line["fold"]!));
        JsonObject[] done = [.. lines.Where(line => Event(line) == "done")];
        Assert.Equal(3, done.Select(line => (string?)line["weights_sha256"]).Distinct().Count());
        JsonObject summary = lines[^1];
        Assert.Equal(("cross_validation", 3), (Event(summary), (int)summary["folds"]!));
        foreach (string metric in new[] { "loss", "accuracy", "roc_auc" })
        {
            Assert.Equal(done.Average(line => (double)line["test"]![metric]!), (double)summary["mean"]![metric]!, 1e-12);
        }

        Assert.Equal(summary.ToJsonString(), JsonNode.Parse(File.ReadAllText(folder["run", "folds.json"]))!.ToJsonString());
        Assert.Equal(0, (await CliRun.Of("evaluate", folder["run", "fold-3"])).ExitCode);
    }

    [Fact]
    public async Task A_fold_alone_is_the_fold_of_all()
    {
        string alone = (string)(await Train("--out", folder["alone"], "--set", "data.fold=2", "--json")).Done()["weights_sha256"]!;
        CliRun all = await Train("--out", folder["run"]);
        string[] lines = all.Output.Split('\n');
        Assert.StartsWith("fold 2/3  loss ", lines[3], StringComparison.Ordinal);
        Assert.EndsWith($" (11 samples), weights {alone}", lines[3], StringComparison.Ordinal);
        Assert.Matches(@"^3 folds   loss 0\.\d{4} ± \d\.\d{4}, accuracy 0\.\d{4} ± 0\.\d{4}, rocAuc 0\.\d{4} ± 0\.\d{4} \(deviations over the folds\)$", lines[5]);
    }

    /// <summary>Interrupted in its second fold, which has a checkpoint then, before its third.</summary>
    [Fact]
    public async Task An_interrupted_cross_validation_goes_on_to_the_same_end()
    {
        // Long against the steps that may be under way when the signal comes.
        const int Epochs = 400;
        File.WriteAllText(folder["job.yaml"], File.ReadAllText(folder["job.yaml"]).Replace("epochs: 2,", $"epochs: {Epochs},", StringComparison.Ordinal));
        CliRun calm = await Train("--out", folder["calm"], "--json");
        int begun = 0;
        using var never = new Interruption();
        using var interruption = new Interruption();
        interruption.Signal(ExitCode.Interrupted, TextWriter.Null);
        var terminal = new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Listen = _ => ++begun < 2 ? never : interruption };
        CliRun stopped = await CliRun.Of(terminal, "train", folder["job.yaml"], "--out", folder["run"]);
        Assert.Equal((130, 2), (stopped.ExitCode, begun));
        Assert.Matches($"interrupted after step [0-9]+ of {3 * Epochs}; go on with: disttrain train --resume {folder["run"]}\n$", stopped.Error);
        Assert.False(Directory.Exists(folder["run", "fold-3"]));

        CliRun resumed = await CliRun.Of("train", "--resume", folder["run"], "--workers", "2", "--json");

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(Hashes(calm), Hashes(resumed));
        Assert.Equal(calm.Json()[^1].ToJsonString(), resumed.Json()[^1].ToJsonString());
        Assert.Equal(File.ReadAllText(folder["calm", "folds.json"]), File.ReadAllText(folder["run", "folds.json"]));
    }

    private static string?[] Hashes(CliRun run) => [.. run.Json().Where(line => Event(line) == "done").Select(line => (string?)line["weights_sha256"])];

    [Fact]
    public async Task A_dry_run_tries_one_step_and_a_folder_in_use_is_left_alone()
    {
        Assert.Equal(0, (await Train("--out", folder["run"], "--dry-run")).ExitCode);
        Assert.False(Directory.Exists(folder["run"]));
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run", "mine.txt"], "mine");
        CliRun refused = await Train("--out", folder["run"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith($"run.out: found {folder["run"]}, which exists and is not empty", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_file_is_measured_at_the_end()
    {
        File.WriteAllText(folder["test.csv"], "kind,a,b\nyes,0,0\nno,3,2\nno,1,1\n");
        File.WriteAllText(folder["job.yaml"], File.ReadAllText(folder["job.yaml"]).Replace("folds: 3", "testPath: test.csv", StringComparison.Ordinal));
        CliRun run = await Train("--out", folder["run"]);
        Assert.Contains(" (3 samples)\n", run.Output, StringComparison.Ordinal);
        CliRun evaluated = await CliRun.Of("evaluate", folder["run"], "--json");
        Assert.Equal(("test", 3), ((string?)Assert.Single(evaluated.Json())["part"], (int)evaluated.Json()[0]["samples"]!));
    }

    private static string? Event(JsonObject line) => (string?)line["event"];

    private Task<CliRun> Train(params string[] options) => CliRun.Of(["train", folder["job.yaml"], .. options]);
}
