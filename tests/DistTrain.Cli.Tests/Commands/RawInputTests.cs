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

    [Fact]
    public async Task Rows_of_a_table_predict_in_the_units_of_the_table()
    {
        File.WriteAllLines(folder["houses.csv"], ["rooms,colour,price", .. Enumerable.Range(0, 60).Select(i => $"{i % 6},{(i % 2 == 0 ? "red" : "blue")},{100_000 + (20_000 * (i % 6))}")]);
        await Train("""
            model: { layers: [ { Dense: 1 } ] }
            data: { path: houses.csv, format: { csv: { scaleTarget: true } }, validation: 0.2 }
            train: { epochs: 60, batch: 8, optimizer: { adam: 0.05 } }
            """);
        CliRun predicted = await Predict("rooms,colour\n5,red\n0,blue\n", "--input", "-", "--json");
        double[] prices = [.. predicted.Json().Select(line => (double)line["values"]![0]!)];
        Assert.InRange(prices[0], 195_000, 205_000);
        Assert.InRange(prices[1], 95_000, 105_000);
        Refused(await Predict("5,green\n", "--input", "-"), "standard input:1: column 2 \"colour\": found \"green\"; allowed: one of blue, red");
        Refused(await Predict("many,red\n", "--input", "-"), "standard input:1: column 1 \"rooms\": found \"many\"; allowed: a number");
        Refused(await Predict("rooms,colour\n5,red\n5\n", "--input", "-"), "standard input:3: column 1: found 1 cells; allowed: 2, as the first row has");
    }

    [Fact]
    public async Task A_series_predicts_what_comes_next_and_is_held_against_the_naive_forecast()
    {
        File.WriteAllLines(folder["days.csv"], ["day,value", .. Enumerable.Range(0, 80).Select(i => $"{i},{10 + (i % 4)}")]);
        await Train("""
            model: { layers: [ Flatten, { Dense: 1 } ] }
            data: { path: days.csv, format: { series: { window: 4 } }, test: 0.25 }
            train: { epochs: 200, batch: 8, optimizer: { adam: 0.02 } }
            """);
        CliRun evaluated = await CliRun.Of("evaluate", folder["run"], "--json");
        JsonObject line = Assert.Single(evaluated.Json());
        Assert.Equal(1.732, (double)line["naive_rmse"]!, 0.01);
        Assert.True((double)line["rmse"]! < 0.9, evaluated.Output);
        Assert.Contains("; naive forecast (as the step before): RMSE 1.73", (await CliRun.Of("evaluate", folder["run"])).Output, StringComparison.Ordinal);
        CliRun predicted = await Predict("value\n12\n13\n10\n11\n12\n", "--input", "-", "--json");
        Assert.InRange((double)Assert.Single(predicted.Json())["values"]![0]!, 12.2, 13.8);
        Refused(await Predict("1\n2\n3\n", "--input", "-"), "standard input: has 3 steps; a window needs 4");
    }

    [Fact]
    public async Task Pictures_predict_from_files_and_bad_ones_are_told()
    {
        foreach ((string name, byte grey) in new[] { ("dark", (byte)20), ("light", (byte)220) })
        {
            Directory.CreateDirectory(folder["set", name]);
            for (int i = 0; i < 8; i++)
            {
                File.WriteAllBytes(Path.Combine(folder["set", name], $"{i}.pgm"), [.. "P5 3 3 255\n"u8, .. Enumerable.Repeat((byte)(grey + i), 9)]);
            }
        }

        await Train("""
            model: { layers: [ Flatten, { Dense: 2 } ] }
            data: { path: set, augment: [ flip ] }
            train: { epochs: 20, batch: 4, optimizer: { adam: 0.1 } }
            """);
        CliRun predicted = await CliRun.Of("predict", folder["run"], "--input", Path.Combine(folder["set", "light"], "3.pgm"), "--json");
        Assert.Equal("light", (string?)Assert.Single(predicted.Json())["name"]);
        File.WriteAllBytes(folder["cut.png"], [0x89, .. "PNG"u8, 13, 10, 26, 10, 0, 0]);
        Refused(await CliRun.Of("predict", folder["run"], "--input", folder["cut.png"]), $"{folder["cut.png"]}: cut short: the file ends at byte 10, within the chunk that begins at byte 8");
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "csv", ":3: column 1: found 1 cells; allowed: 2, as the first row has")]
    [InlineData("a,b\n1,2\nx,3\n", "csv: { numbers: [a] }", ":3: column 1 \"a\": found \"x\"; allowed: a number")]
    [InlineData("a,b\n1,2\n3,4\n", "series: { window: 5 }", ": its training part has 2 steps; a window of 5 and a horizon of 1 need 6 (\"b\")")]
    [InlineData("abc", "text", ": its training part has 3 tokens; a window of context 64 and its targets need 65")]
    public async Task Bad_data_are_told_in_one_line_and_nothing_is_written(string content, string format, string expected)
    {
        File.WriteAllText(folder["data.csv"], content);
        File.WriteAllText(folder["job.yaml"], $"data: {{ path: data.csv, format: {{ {format} {(format.Contains(':', StringComparison.Ordinal) ? "" : ": {}")} }} }}");
        Refused(await CliRun.Of("train", folder["job.yaml"], "--out", folder["run"]), folder["data.csv"] + expected);
        Assert.False(Directory.Exists(folder["run"]));
    }

    private static void Refused(CliRun run, string expected) => Assert.Equal((2, expected + "\n", ""), (run.ExitCode, run.Error, run.Output));

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
