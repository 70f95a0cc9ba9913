using System.Text.Json.Nodes;
using DistTrain.Training.Tests;

namespace DistTrain.Cli.Tests;

public sealed class TrainCommandTests : IDisposable
{
    private readonly TestFolder folder = new();

    public TrainCommandTests() => File.WriteAllText(folder["job.yaml"], CliRun.SmallJob);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Json_is_one_object_a_line_and_ends_with_the_done_line()
    {
        CliRun run = await Train("--json", "--set", "data.validation=0.1", "--out", folder["run"]);
        Assert.Equal("start", (string?)run.Json()[0]["event"]);
        Assert.Equal(2, run.Json().Count(line => (string?)line["event"] == "epoch"));
        JsonObject done = run.Done();
        Assert.Equal(
            ["event", "steps", "samples", "seconds", "samples_per_s", "train_loss", "validation", "test", "weights_sha256", "run"],
            done.Select(entry => entry.Key));
        Assert.Equal(20, (long)done["steps"]!);
        Assert.InRange((double)done["test"]!["accuracy"]!, 0, 1);
        Assert.InRange((double)done["validation"]!["loss"]!, 0, 100);
        Assert.Equal(folder["run"], (string?)done["run"]);
        Assert.Empty(run.Error);
        Assert.True(File.Exists(folder["run", "model.safetensors"]));
    }

    [Fact]
    public async Task Plain_lines_end_with_accuracy_hash_folder_and_what_to_do_next()
    {
        CliRun run = await Train("--out", folder["run"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("epoch 2/2  loss ", run.Output, StringComparison.Ordinal);
        Assert.Matches("\ntest         loss [0-9.]+, accuracy 0\\.[0-9]{4} \\(2,000 samples\\)\n", run.Output);
        Assert.Matches("\nweights      sha256 [0-9a-f]{64}\n", run.Output);
        Assert.Contains($"\nrun folder   {folder["run"]}\n", run.Output, StringComparison.Ordinal);
        Assert.Contains($"\n  disttrain evaluate {folder["run"]}\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Output);
    }

    [Fact]
    public async Task A_screen_gets_the_same_lines_with_a_bar()
    {
        CliRun run = await CliRun.Of(
            new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Interactive = true }, "train", folder["job.yaml"], "--out", folder["run"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("epoch 2/2  loss ", run.Output, StringComparison.Ordinal);
        Assert.Contains("weights      sha256 ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_trains_one_step_and_leaves_nothing()
    {
        CliRun run = await Train("--dry-run", "--json", "--out", folder["run"]);
        Assert.Equal(1, (long)run.Done()["steps"]!);
        Assert.Equal([folder["job.yaml"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Workers_servers_and_threads_do_not_change_the_hash_and_the_seed_does()
    {
        string hash = await Hash();
        Assert.Equal(hash, await Hash("--workers", "3", "--servers", "2", "--threads", "2"));
        Assert.NotEqual(hash, await Hash("--seed", "2"));
    }

    [Fact]
    public async Task Flags_win_over_settings_settings_over_environment_and_that_over_the_job()
    {
        File.AppendAllText(folder["job.yaml"], "run: { workers: 2, servers: 2, threads: 2, keepCheckpoints: 2 }\n");
        var environment = new Dictionary<string, string?>
        {
            ["DISTTRAIN__RUN__SERVERS"] = "3",
            ["DISTTRAIN__RUN__THREADS"] = "3",
            ["DISTTRAIN__RUN__WORKERS"] = "3",
        };
        CliRun run = await CliRun.Of(
            environment, "train", folder["job.yaml"], "--json", "--dry-run", "--workers", "5", "--set", "run.workers=4", "--set", "run.threads=4");
        JsonObject start = run.Json()[0];
        Assert.Equal((5, 3, 4), ((int)start["workers"]!, (int)start["servers"]!, (int)start["threads"]!));
    }

    [Fact]
    public async Task More_workers_than_slices_are_told_to_be_spares()
    {
        CliRun run = await Train("--workers", "5", "--out", folder["run"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("1 of 5 workers are spares", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_ends_the_run_after_a_checkpoint_and_resuming_gives_the_same_bits()
    {
        // Long against the steps that may be under way when the signal comes.
        File.WriteAllText(folder["job.yaml"], CliRun.SmallJob.Replace("epochs: 2, batch: 16, steps: 20", "epochs: 30, batch: 16, steps: 300", StringComparison.Ordinal));
        string calm = await Hash();
        using var interruption = new Interruption();
        interruption.Signal(ExitCode.Interrupted, TextWriter.Null);
        CliRun stopped = await CliRun.Of(
            new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Listen = _ => interruption }, "train", folder["job.yaml"], "--out", folder["run"]);
        Assert.Equal(130, stopped.ExitCode);
        Assert.Matches($"interrupted after step [0-9]+ of 300; go on with: disttrain train --resume {folder["run"]}\n$", stopped.Error);
        CliRun resumed = await CliRun.Of("train", "--resume", folder["run"], "--workers", "3", "--servers", "2", "--json");
        Assert.Equal(calm, (string?)resumed.Done()["weights_sha256"]);
    }

    [Fact]
    public async Task A_finished_run_goes_on_for_more_epochs_as_if_it_had_been_asked_for_them_at_once()
    {
        string whole = await Hash("--set", "train.steps=26");
        await Train("--out", folder["run"]);
        CliRun more = await CliRun.Of("train", "--resume", folder["run"], "--set", "train.steps=26", "--json");
        Assert.Equal(whole, (string?)more.Done()["weights_sha256"]);
    }

    [Fact]
    public async Task Resuming_refuses_another_seed_an_earlier_end_and_another_folder()
    {
        await Train("--out", folder["run"]);
        CliRun seed = await CliRun.Of("train", "--resume", folder["run"], "--seed", "9");
        Assert.Contains("train.seed: can't change in a run that is resumed", seed.Error, StringComparison.Ordinal);
        CliRun steps = await CliRun.Of("train", "--resume", folder["run"], "--set", "train.steps=3");
        Assert.Contains("the checkpoint of step 20 is beyond the last step, 3", steps.Error, StringComparison.Ordinal);
        CliRun elsewhere = await CliRun.Of("train", "--resume", folder["run"], "--out", folder["other"]);
        Assert.StartsWith("--out: found beside --resume", elsewhere.Error, StringComparison.Ordinal);
        Assert.Equal([2, 2, 2], [seed.ExitCode, steps.ExitCode, elsewhere.ExitCode]);
    }

    [Fact]
    public async Task A_run_that_diverges_ends_with_code_3_and_says_where()
    {
        CliRun run = await Train("--set", "train.optimizer.sgd.learningRate=1e30", "--out", folder["run"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Matches("^what was recorded until then is in .*\nstep [0-9]+, dense.* the gradient sum is (NaN|∞|-∞|Infinity)", run.Error);
    }

    [Fact]
    public async Task Json_tells_a_failure_in_its_last_line()
    {
        CliRun run = await Train("--set", "train.optimizer.sgd.learningRate=1e30", "--out", folder["run"], "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("failed", (string?)run.Json()[^1]["event"]);
    }

    private Task<CliRun> Train(params string[] arguments) => CliRun.Of(["train", folder["job.yaml"], .. arguments]);

    private async Task<string> Hash(params string[] arguments)
    {
        CliRun run = await Train([.. arguments, "--json", "--out", folder[Guid.NewGuid().ToString("N")]]);
        return (string)run.Done()["weights_sha256"]!;
    }
}
