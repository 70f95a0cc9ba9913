using System.Text.Json.Nodes;
using DistTrain.Tensors;

namespace DistTrain.Cli.Tests;

/// <summary>data, bench and info, and the help of all.</summary>
public sealed class OtherCommandsTests
{
    [Fact]
    public async Task Data_list_says_where_each_set_is()
    {
        CliRun run = await CliRun.Of(new Dictionary<string, string?> { ["DISTTRAIN_DATA"] = "nowhere" }, "data", "list", "--json");
        Assert.Equal(["digits", "mnist", "fashion-mnist"], run.Json().Select(line => (string?)line["name"]).Take(3));
        Assert.True((bool)run.Json()[0]["available"]!);
    }

    [Fact]
    public async Task Data_inspect_counts_samples_and_classes()
    {
        CliRun run = await CliRun.Of("data", "inspect", "digits", "--json");
        Assert.Equal([10_000, 2_000], run.Json().Select(line => (int)line["samples"]!));
        Assert.All(run.Json(), line => Assert.Equal((int)line["samples"]!, line["class_counts"]!.AsArray().Sum(count => (int)count!)));
    }

    [Fact]
    public async Task Data_fetch_of_a_built_in_set_says_there_is_nothing_to_fetch()
    {
        CliRun run = await CliRun.Of("data", "fetch", "digits");
        Assert.Equal((2, "data set digits is built in: there is nothing to fetch.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Bench_step_has_the_keys_of_other_benchmarks_and_the_same_hash_for_any_cluster()
    {
        CliRun one = await CliRun.Of("bench", "step", "--case", "cnn", "--batch", "16", "--steps", "4", "--warmup", "2", "--json");
        JsonObject line = Assert.Single(one.Json());
        Assert.Subset(line.Select(entry => entry.Key).ToHashSet(), new HashSet<string>
        {
            "case", "framework", "threads", "workers", "servers", "batch", "samples_per_s", "step_ms_median", "step_ms_min", "steps",
            "cpu_share", "peak_rss_mb", "params", "optimizer", "weights_sha256",
        });
        Assert.Equal(("cnn", $"disttrain-{CommandLine.Version}", 34_826, 4), ((string?)line["case"], (string?)line["framework"], (int)line["params"]!, (int)line["steps"]!));
        CliRun many = await CliRun.Of("bench", "step", "--case", "cnn", "--batch", "16", "--steps", "4", "--warmup", "2", "--workers", "3", "--servers", "2", "--json");
        Assert.Equal((string?)line["weights_sha256"], (string?)Assert.Single(many.Json())["weights_sha256"]);
    }

    [Fact]
    public async Task Bench_step_starts_processes_with_a_server_in_each_and_tells_where_their_time_went()
    {
        string[] words = ["bench", "step", "--case", "mlp", "--batch", "16", "--steps", "30", "--warmup", "2", "--json"];
        JsonObject one = Assert.Single((await CliRun.Of(words)).Json());
        CliRun several = await CliRun.Of([.. words, "--engine", "processes", "--workers", "2"]);
        Assert.True(several.ExitCode == 0, several.Error);
        JsonObject line = Assert.Single(several.Json());
        Assert.Equal(("processes", 2, 2), ((string?)line["engine"], (int)line["workers"]!, (int)line["servers"]!));
        Assert.Equal((string?)one["weights_sha256"], (string?)line["weights_sha256"]);
        Assert.Equal(4, line["cpu_share_by_process"]!.AsObject().Count);
        Assert.Subset(line.Select(entry => entry.Key).ToHashSet(), new HashSet<string> { "wait_ms", "compute_ms", "push_ms", "bytes_sent_per_s" });
    }

    [Fact]
    public async Task Bench_step_takes_turns_with_another_program_and_gives_the_ratio()
    {
        CliRun run = await CliRun.Of(
            "bench", "step", "--case", "mlp", "--batch", "8", "--steps", "3", "--warmup", "1", "--rounds", "3", "--against", "echo {\"samples_per_s\":2.5}", "--json");
        IReadOnlyList<JsonObject> lines = run.Json();
        Assert.Equal(4, lines.Count);
        double[] own = [.. lines.Take(3).Select(line => (double)line["samples_per_s"]!).Order()];
        JsonObject last = lines[3];
        Assert.Equal((3, 2.5, own[1]), ((int)last["rounds"]!, (double)last["against_samples_per_s"]!, (double)last["samples_per_s"]!));
        Assert.Equal(own[1] / 2.5, (double)last["ratio"]!, own[1] * 1e-3);
    }

    [Fact]
    public async Task Bench_step_ends_by_time_as_well()
    {
        CliRun run = await CliRun.Of("bench", "step", "--case", "mlp", "--batch", "8", "--seconds", "1");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches("^mlp batch 8, 1 x 1 threads, 1 servers: [0-9,]+ samples/s, step ", run.Output);
    }

    [Fact]
    public async Task Bench_gemm_gives_product_and_peak_of_the_same_run()
    {
        CliRun run = await CliRun.Of("bench", "gemm", "--shape", "32x32x32", "--alternations", "1", "--json");
        Assert.Equal(["nn", "nt", "tn"], run.Json().Select(line => (string?)line["form"]));
        Assert.All(run.Json(), line => Assert.True((double)line["gflops"]! > 0 && (double)line["peak_gflops"]! > 0));
    }

    [Fact]
    public async Task Bench_lanes_gives_lane_and_socket_of_the_same_run()
    {
        CliRun run = await CliRun.Of("bench", "lanes", "--transport", "unix", "--kib", "64", "--tls", "off", "--turns", "1", "--json");
        JsonObject line = Assert.Single(run.Json());
        Assert.Equal(("lanes", "unix", false, 65536), ((string?)line["case"], (string?)line["transport"], (bool)line["tls"]!, (int)line["frame_bytes"]!));
        Assert.All(
            new[] { "bytes_per_s", "socket_bytes_per_s", "ratio_to_socket", "control_round_trip_p99_ms", "decoded_allocated_bytes_per_frame" },
            key => Assert.True((double)line[key]! > 0, key));
        Assert.NotNull(line["allocated_bytes_per_frame"]);
    }

    [Fact]
    public async Task Info_tells_the_vector_width()
    {
        CliRun run = await CliRun.Of("info", "--json");
        Assert.Equal(FmaPeak.VectorBits, (int)Assert.Single(run.Json())["vector_bits"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("predict")]
    [InlineData("inspect")]
    [InlineData("summary")]
    [InlineData("data")]
    [InlineData("data fetch")]
    [InlineData("bench step")]
    [InlineData("bench gemm")]
    [InlineData("bench lanes")]
    [InlineData("certs")]
    [InlineData("info")]
    public async Task Every_command_has_help_in_which_every_option_is_described(string command)
    {
        CliRun run = await CliRun.Of([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"disttrain {command}".TrimEnd(), run.Output, StringComparison.Ordinal);
        Assert.All(run.Output.Split('\n').Where(line => line.StartsWith("  --", StringComparison.Ordinal)), line => Assert.Matches("^  --.*?  +[A-Z]", line));
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        CliRun run = await CliRun.Of("--version");
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+\\S*\n$", run.Output);
    }
}
