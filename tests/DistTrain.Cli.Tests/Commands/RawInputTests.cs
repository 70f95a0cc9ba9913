using System.Text.Json.Nodes;
using DistTrain.Training.Tests;

namespace DistTrain.Cli.Tests;

/// <summary>Models that were trained on text predict from text: what was fitted is saved with them.</summary>
public sealed class RawInputTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Lines_of_text_train_from_a_job_and_predict_from_standard_input()
    {
        File.WriteAllLines(folder["films.tsv"], Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? $"pos\ta good film {i}" : $"neg\ta bad film {i}"));
        await Train("""
            model: { layers: [ { Dense: { units: 8, activation: relu } }, { Dense: 2 } ] }
            data: { path: films.tsv, format: { lines: { length: 4 } }, validation: 0.2 }
            train: { epochs: 2, batch: 8 }
            """);
        CliRun predicted = await Predict("a good film\n\nbad bad bad\n", "--input", "-", "--json");
        Assert.Equal(2, predicted.Json().Count);
        Assert.All(predicted.Json(), line => Assert.Contains((string?)line["name"], new[] { "neg", "pos" }));
        CliRun evaluated = await CliRun.Of("evaluate", folder["run"], "--data", folder["films.tsv"], "--json");
        Assert.Equal(40, (int)Assert.Single(evaluated.Json())["samples"]!);
    }

    [Fact]
    public async Task A_model_of_characters_refuses_what_its_text_had_not()
    {
        File.WriteAllText(folder["book.txt"], string.Concat(Enumerable.Repeat("to be or not to be\n", 20)));
        await Train("""
            model: { layers: [ { Dense: 72 }, { Reshape: [8, 9] } ] }
            data: { path: book.txt, format: { text: { context: 8, stride: 3 } } }
            train: { epochs: 1, batch: 16, optimizer: { adam: 0.0001 } }
            """);
        CliRun predicted = await Predict("to be or\nnot tx be", "--input", "-");
        Assert.Equal((2, "standard input:2:6: found \"x\" (U+0078); allowed: what the training text has\n"), (predicted.ExitCode, predicted.Error));
    }

    [Fact]
    public async Task A_changed_vocabulary_is_found_out()
    {
        File.WriteAllText(folder["book.txt"], string.Concat(Enumerable.Repeat("to be or not to be\n", 20)));
        await Train("""
            model: { layers: [ { Dense: 72 }, { Reshape: [8, 9] } ] }
            data: { path: book.txt, format: { text: { context: 8 } } }
            train: { epochs: 1, batch: 16, steps: 1 }
            """);
        string path = folder["run", "input.json"];
        File.WriteAllText(path, File.ReadAllText(path).Replace(" beno", " bemo", StringComparison.Ordinal));
        CliRun predicted = await Predict("to be or not", "--input", "-");
        Assert.Equal(2, predicted.ExitCode);
        Assert.StartsWith($"{path}: has SHA-256 ", predicted.Error, StringComparison.Ordinal);
    }

    private async Task Train(string job)
    {
        File.WriteAllText(folder["job.yaml"], job);
        CliRun run = await CliRun.Of("train", folder["job.yaml"], "--out", folder["run"], "--json");
        JsonObject done = run.Done();
        Assert.Equal(64, ((string?)done["weights_sha256"])?.Length);
    }

    private async Task<CliRun> Predict(string input, params string[] options) => await CliRun.Of(
        new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Input = new StringReader(input) }, ["predict", folder["run"], .. options]);
}
