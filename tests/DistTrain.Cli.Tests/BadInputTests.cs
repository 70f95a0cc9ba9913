using System.Net;
using System.Net.Sockets;
using DistTrain.Data.Tests;
using DistTrain.Training.Tests;

namespace DistTrain.Cli.Tests;

/// <summary>Each mistake: one line on standard error, exit code 2, and no run folder left.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task An_idx_file_that_is_cut_short_is_told_with_both_lengths() =>
        DataIsRefused(
            IdxBytes.Images(4)[..20],
            IdxBytes.Labels(0, 1, 0, 1),
            "{0}/train-images-idx3-ubyte: cut short: the header promises 4 x 2 x 3 = 24 bytes, found 4.");

    [Fact]
    public Task A_wrong_magic_number_is_told() =>
        DataIsRefused(
            IdxBytes.Create([4, 2, 3], new byte[24], magic: 0x01020304),
            IdxBytes.Labels(0, 1, 0, 1),
            "{0}/train-images-idx3-ubyte: not an IDX file of unsigned bytes: magic number 0x01020304, allowed 0x00000801 to 0x00000808.");

    [Fact]
    public Task Disagreeing_counts_are_told_with_both() =>
        DataIsRefused(
            IdxBytes.Images(4),
            IdxBytes.Labels(0, 1, 0),
            "{0}/train-labels-idx1-ubyte: 3 labels for 4 images in {0}/train-images-idx3-ubyte; the counts must be equal.");

    [Fact]
    public Task An_empty_file_is_told() =>
        DataIsRefused([], IdxBytes.Labels(0), "{0}/train-images-idx3-ubyte: empty file, expected IDX.");

    [Fact]
    public Task A_header_without_items_is_told() =>
        DataIsRefused(
            IdxBytes.Create([0, 2, 3], []),
            IdxBytes.Labels(0),
            "{0}/train-images-idx3-ubyte: holds 0 items, at least 1 is needed.");

    [Fact]
    public Task A_folder_without_data_is_told_with_what_was_expected() =>
        IsRefused(
            ["--data", folder.Path],
            $"{folder.Path}: no data found; expected train-images-idx3-ubyte and train-labels-idx1-ubyte (plain or .gz).");

    [Fact]
    public Task A_missing_folder_is_told() => IsRefused(["--data", folder["nowhere"]], $"{folder["nowhere"]}: no such file or folder.");

    [Fact]
    public Task A_misspelt_set_gets_a_suggestion() =>
        IsRefused(["--data", "fashion-minst"], "--data: data.set: found \"fashion-minst\"; did you mean \"fashion-mnist\"? allowed: one of digits, mnist, fashion-mnist");

    [Theory]
    [InlineData("trian: { epochs: 2 }", "{0}:1: trian: unknown key; did you mean \"train\"? allowed: version, model, data, train, run")]
    [InlineData("train: { epochs: two }", "{0}:1: train.epochs: found \"two\"; allowed: a whole number from 1 to 1000000")]
    [InlineData("train:\n  batch: 0\n", "{0}:2: train.batch: found 0; allowed: a whole number from 1 to 1048576")]
    [InlineData("run: { workers: -3 }", "{0}:1: run.workers: found -3; allowed: a whole number from 1 to 1024")]
    [InlineData("train: { epochs: 2", "{0}:2: broken YAML: while parsing a flow mapping, did not find expected ',' or '}'")]
    public Task A_wrong_job_is_told_by_file_line_and_key(string yaml, string expected) => JobIsRefused(yaml, expected);

    [Theory]
    [InlineData(
        "model: { layers: [ Flatten, { Conv2D: { filters: 8, kernelSize: 3 } } ] }",
        "model.layers[1]: Conv2D(8, (3, 3)) 'conv2d' can't take (784): it needs (height, width, channels).")]
    [InlineData(
        "model: { layers: [ { Conv2D: { filters: 8, kernelSize: 30 } } ] }",
        "model.layers[0]: Conv2D(8, (30, 30)) 'conv2d' can't take (28, 28, 1): a window of (30, 30) doesn't fit in it; padding 'same' would make it fit.")]
    [InlineData(
        "model: { nodes: { a: { Flatten: {}, inputs: input }, b: { Dense: 16 }, c: { Add: {}, inputs: [a, b] } } }",
        "model.nodes.c: Add 'c' can't take (784) and (16): they must have one shape.")]
    [InlineData("model: { layers: [ Flatten, { Dense: 5 } ] }", "model: its output (5) tells 5 classes apart; digits has 10")]
    public Task A_layer_that_does_not_fit_is_told_with_both_shapes(string yaml, string expected) => JobIsRefused(yaml, expected);

    [Theory]
    [InlineData("--epoch", "disttrain train: found the unknown option \"--epoch\"; did you mean \"--epochs\"? allowed: --preset, ")]
    [InlineData("--batch-size", "disttrain train: found the unknown option \"--batch-size\"; did you mean \"--batch\"? allowed: --preset, ")]
    [InlineData("--num_workers=3", "disttrain train: found the unknown option \"--num_workers\"; did you mean \"--workers\"? allowed: --preset, ")]
    [InlineData("--frobnicate", "disttrain train: found the unknown option \"--frobnicate\"; allowed: --preset, ")]
    public Task An_unknown_option_gets_a_suggestion(string option, string expected) => IsRefused([option, "3"], expected);

    [Theory]
    [InlineData("--batch", "0", "--batch: train.batch: found 0; allowed: a whole number from 1 to 1048576")]
    [InlineData("--workers", "-1", "--workers: run.workers: found -1; allowed: a whole number from 1 to 1024")]
    [InlineData("--slices", "3", "--slices: train.slices: found 3; allowed: a power of two from 1 to 1024")]
    [InlineData("--preset", "cnm", "--preset: model.preset: found \"cnm\"; did you mean \"cnn\"? allowed: one of mlp, cnn, resnet8, resnet20, charTransformer")]
    [InlineData("--set", "train.lr=1", "--set train.lr: train.lr: unknown key; did you mean \"optimizer\"? allowed: epochs, ")]
    [InlineData("--set", "epochs", "--set: found \"epochs\"; allowed: key=value, such as data.limit=1000")]
    public Task A_wrong_value_of_an_option_is_told_like_the_key(string option, string value, string expected) => IsRefused([option, value], expected);

    [Fact]
    public async Task A_run_folder_in_use_is_left_as_it_is()
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run", "mine.txt"], "mine");
        CliRun run = await CliRun.Of("train", "--out", folder["run"]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"run.out: found {folder["run"]}, which exists and is not empty; allowed: ", run.Error, StringComparison.Ordinal);
        Assert.Equal([folder["run", "mine.txt"]], Directory.GetFileSystemEntries(folder["run"]));
    }

    [Fact]
    public async Task A_timeline_that_can_not_be_written_leaves_no_run_folder()
    {
        File.WriteAllText(folder["file"], "");
        await CanNotBegin(["--timeline", folder["file", "trace.json"]], $"--timeline: {folder["file", "trace.json"]}: can't be written: ");
    }

    [Fact]
    public async Task A_port_that_is_taken_leaves_no_run_folder()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await CanNotBegin(["--engine", "processes", "--listen", $"{other.LocalEndpoint}"], $"{other.LocalEndpoint}: can't be listened at: ");
    }

    [Theory]
    [InlineData("", "disttrain: a command is missing; allowed: one of train, evaluate, ")]
    [InlineData("trian", "disttrain: found the unknown command \"trian\"; did you mean \"train\"? allowed: one of train, evaluate, ")]
    [InlineData("data", "disttrain data: a command is missing; allowed: one of list, fetch, inspect")]
    [InlineData("data lst", "disttrain data: found the unknown command \"lst\"; did you mean \"list\"? allowed: one of list, fetch, inspect")]
    [InlineData("evaluate", "disttrain evaluate: RUN|MODEL is missing; 'disttrain evaluate --help' shows what it takes")]
    [InlineData("train a.yaml b.yaml", "disttrain train: found \"b.yaml\", which is one argument too many; 'disttrain train --help' shows what it takes")]
    [InlineData("train --epochs", "disttrain train: --epochs: a value is missing; allowed: --epochs N")]
    [InlineData("train nowhere.yaml", "nowhere.yaml: there is no such job file")]
    [InlineData("train --resume nowhere", "nowhere: is no run folder: job.yaml is missing")]
    [InlineData("train job.yaml --resume nowhere", "--resume: found beside the job file job.yaml; allowed: one of the two")]
    [InlineData("evaluate nowhere", "nowhere: there is no such folder; allowed: a run folder, or a folder with model.json")]
    [InlineData("inspect nowhere", "nowhere: there is no such file or folder")]
    [InlineData("data fetch mnits", "data set 'mnits' is not known; allowed: digits, mnist, fashion-mnist, ")]
    [InlineData("bench step --case rnn", "--case: found \"rnn\"; did you mean \"cnn\"? allowed: one of mlp, bigmlp, cnn")]
    [InlineData("bench step --batch 8 --against no-such-program", "--against: no-such-program can't be started: ")]
    [InlineData("bench step --batch 8 --engine proceses", "--engine: ")]
    [InlineData("bench gemm --shape 3x4", "--shape: found 3x4; allowed: MxNxK, such as 512x512x512, each from 1 to 8192")]
    public async Task A_wrong_command_line_is_told(string commandLine, string expected)
    {
        CliRun run = await CliRun.Of(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    /// <summary>What shows only when the run begins.</summary>
    private async Task CanNotBegin(string[] options, string expected)
    {
        CliRun run = await CliRun.Of(["train", .. options, "--out", folder["run"]]);
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitCode);
        Assert.False(Directory.Exists(folder["run"]));
    }

    private async Task DataIsRefused(byte[] images, byte[] labels, string expected)
    {
        Directory.CreateDirectory(folder["set"]);
        File.WriteAllBytes(folder["set", "train-images-idx3-ubyte"], images);
        File.WriteAllBytes(folder["set", "train-labels-idx1-ubyte"], labels);
        await IsRefused(["--data", folder["set"]], expected.Replace("{0}", folder["set"], StringComparison.Ordinal));
    }

    private async Task JobIsRefused(string yaml, string expected)
    {
        File.WriteAllText(folder["job.yaml"], yaml);
        await IsRefused([folder["job.yaml"]], expected.Replace("{0}", folder["job.yaml"], StringComparison.Ordinal));
    }

    /// <param name="arguments">After "train".</param>
    /// <param name="expected">How the one line begins.</param>
    private async Task IsRefused(string[] arguments, string expected)
    {
        CliRun run = await CliRun.Of(["train", .. arguments, "--out", folder["run"]]);
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.False(Directory.Exists(folder["run"]));
    }
}
