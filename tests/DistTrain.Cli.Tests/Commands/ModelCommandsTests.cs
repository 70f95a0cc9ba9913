using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Training.Tests;

namespace DistTrain.Cli.Tests;

/// <summary>evaluate, predict, inspect and summary, on one trained run.</summary>
public sealed class ModelCommandsTests : IClassFixture<ModelCommandsTests.TrainedRun>
{
    private readonly TrainedRun run;

    public ModelCommandsTests(TrainedRun run) => this.run = run;

    [Fact]
    public async Task Evaluate_repeats_the_test_result_of_training()
    {
        CliRun evaluated = await CliRun.Of("evaluate", run.Folder, "--json");
        JsonObject line = Assert.Single(evaluated.Json());
        Assert.Equal("test", (string?)line["part"]);
        Assert.Equal((double)run.Done["test"]!["loss"]!, (double)line["loss"]!);
        Assert.Equal((double)run.Done["test"]!["accuracy"]!, (double)line["accuracy"]!);
        Assert.Equal((string?)run.Done["weights_sha256"], (string?)line["weights_sha256"]);
    }

    [Fact]
    public async Task Evaluate_takes_other_data_and_parts_and_says_so()
    {
        CliRun evaluated = await CliRun.Of("evaluate", run.Folder, "--data", "digits", "--part", "train");
        Assert.Matches("^train part of digits: loss [0-9.]+, accuracy [0-9.]+ \\(10,000 samples\\)\n(?s:.+)\nrows: the class; columns: what the model called it\nclass ", evaluated.Output);
        CliRun wrong = await CliRun.Of("evaluate", run.Folder, "--part", "validation");
        Assert.Equal((2, "--part: digits has no validation part\n"), (wrong.ExitCode, wrong.Error));
    }

    [Fact]
    public async Task Evaluate_uses_the_newest_checkpoint_of_a_run_that_is_not_over()
    {
        using var folder = new TestFolder();
        foreach (string file in Directory.GetFiles(run.Folder, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith("model.", StringComparison.Ordinal)))
        {
            string copy = folder[Path.GetRelativePath(run.Folder, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        CliRun evaluated = await CliRun.Of("evaluate", folder.Path, "--json");
        Assert.Equal((string?)run.Done["weights_sha256"], (string?)Assert.Single(evaluated.Json())["weights_sha256"]);
    }

    [Fact]
    public async Task Predict_generates_with_models_of_text_alone()
    {
        CliRun wrong = await CliRun.Of("predict", run.Folder, "--generate", "5");
        Assert.Equal((2, ""), (wrong.ExitCode, wrong.Output));
        Assert.StartsWith("the model doesn't predict the next token of a text", wrong.Error, StringComparison.Ordinal);
        wrong = await CliRun.Of("predict", run.Folder, "--top-k", "5");
        Assert.Equal((2, "--top-k: found without --generate; allowed: beside it\n"), (wrong.ExitCode, wrong.Error));
    }

    [Fact]
    public async Task Predict_gives_probabilities_that_sum_to_one_and_the_likeliest_class()
    {
        CliRun predicted = await CliRun.Of("predict", run.Folder, "--limit", "5", "--json");
        Assert.Equal(5, predicted.Json().Count);
        Assert.All(predicted.Json(), line =>
        {
            double[] probabilities = [.. line["probabilities"]!.AsArray().Select(value => (double)value!)];
            Assert.Equal(10, probabilities.Length);
            Assert.Equal(1, probabilities.Sum(), 1e-5);
            Assert.Equal(Array.IndexOf(probabilities, probabilities.Max()), (int)line["class"]!);
            Assert.InRange((int)line["expected"]!, 0, 9);
        });
    }

    [Fact]
    public async Task Predict_reads_samples_from_standard_input_and_files()
    {
        string black = "[" + string.Join(",", Enumerable.Repeat("0", 784)) + "]";
        string half = string.Join(" ", Enumerable.Repeat(0.5.ToString(CultureInfo.InvariantCulture), 784));
        var terminal = new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Input = new StringReader(black + "\n\n" + half + "\n") };
        CliRun predicted = await CliRun.Of(terminal, "predict", run.Folder, "--input", "-");
        Assert.Equal(0, predicted.ExitCode);
        Assert.Matches("^0\t[0-9]\t[01]\\.[0-9]{4}\n1\t[0-9]\t[01]\\.[0-9]{4}\n$", predicted.Output);
    }

    [Theory]
    [InlineData("1 2 3", "standard input:1: found 3 numbers; allowed: 784, a sample of shape (28, 28, 1)")]
    [InlineData("", "standard input: holds no sample; allowed: 784 numbers a line")]
    public async Task Predict_tells_which_line_is_no_sample(string text, string expected)
    {
        var terminal = new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Input = new StringReader(text) };
        CliRun predicted = await CliRun.Of(terminal, "predict", run.Folder, "--input", "-");
        Assert.Equal((2, expected + "\n", ""), (predicted.ExitCode, predicted.Error, predicted.Output));
    }

    [Fact]
    public async Task Inspect_lists_run_checkpoints_and_parameters()
    {
        CliRun inspected = await CliRun.Of("inspect", run.Folder, "--json");
        Assert.Equal(0, inspected.ExitCode);
        JsonObject checkpoint = inspected.Json().Last(line => (string?)line["event"] == "checkpoint");
        Assert.Equal((20, "sound"), ((int)checkpoint["step"]!, (string?)checkpoint["state"]));
        Assert.Equal((string?)run.Done["weights_sha256"], (string?)checkpoint["weights_sha256"]);
        JsonObject[] tensors = [.. inspected.Json().Where(line => (string?)line["event"] == "tensor")];
        Assert.Equal(["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"], tensors.Select(line => (string?)line["name"]));
        Assert.All(tensors, line => Assert.Equal(0, (int)line["not_finite"]!));
    }

    [Fact]
    public async Task Inspect_finds_a_damaged_checkpoint()
    {
        string checkpoint = Directory.GetDirectories(Path.Combine(run.Folder, "checkpoints")).Order(StringComparer.Ordinal).Last();
        using var folder = new TestFolder();
        foreach (string file in Directory.GetFiles(checkpoint))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        byte[] weights = File.ReadAllBytes(folder["weights.safetensors"]);
        weights[^1] ^= 1;
        File.WriteAllBytes(folder["weights.safetensors"], weights);
        CliRun inspected = await CliRun.Of("inspect", folder.Path);
        Assert.Equal(2, inspected.ExitCode);
        Assert.Contains("damaged: weights.safetensors has another SHA-256 than was written", inspected.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summary_is_the_same_for_the_job_and_the_run()
    {
        CliRun ofRun = await CliRun.Of("summary", run.Folder);
        Assert.Contains("dense_1 (Dense)", ofRun.Output, StringComparison.Ordinal);
        Assert.EndsWith("Parameters: 12,730 (50,920 bytes)\n", ofRun.Output, StringComparison.Ordinal);
        CliRun ofJob = await CliRun.Of("summary", Path.Combine(run.Folder, "job.yaml"));
        Assert.Equal(ofRun.Output, ofJob.Output);
    }

    public sealed class TrainedRun : IAsyncLifetime, IDisposable
    {
        private readonly TestFolder folder = new();

        public string Folder => folder["run"];

        public JsonObject Done { get; private set; } = [];

        public async Task InitializeAsync()
        {
            File.WriteAllText(folder["job.yaml"], CliRun.SmallJob);
            Done = (await CliRun.Of("train", folder["job.yaml"], "--json", "--out", Folder)).Done();
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => folder.Dispose();
    }
}
