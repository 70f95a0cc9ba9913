using DistTrain.Training.Tests;

namespace DistTrain.Cli.Tests;

/// <summary>Files that are not what the job says: one line with file, line and column, exit code 2, no run folder.</summary>
public sealed class BadDataTests : IDisposable
{
    private const string Tokens = "model: { layers: [ { Embedding: { inputDim: 10, outputDim: 4 } }, Flatten, { Dense: 1 } ] }\n";

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task A_ragged_row() => IsRefused("data.csv", "a,b,y\n1,2,3\n4,5\n", "csv: { }", ":3: column 2: found 2 cells; allowed: 3, as the first row has");

    [Fact]
    public Task Text_where_a_number_is_declared() =>
        IsRefused("data.csv", "a,y\n1,2\nmany,3\n", "csv: { numbers: [ a ] }", ":3: column 1 \"a\": found \"many\"; allowed: a number");

    [Fact]
    public Task A_quote_that_is_left_open() =>
        IsRefused("data.csv", "a,y\n1,2\n\"3,4\n5,6\n", "csv: { }", ":3: found a quoted field that is never closed; allowed: rows of CSV");

    [Fact]
    public Task A_series_shorter_than_its_window() => IsRefused(
        "data.csv", "day,value\n1,2\n2,3\n3,4\n", "series: { window: 5 }", ": its training part has 3 steps; a window of 5 and a horizon of 1 need 6 (\"value\")");

    [Fact]
    public Task A_text_shorter_than_its_window() =>
        IsRefused("data.txt", "to be", "text: { context: 8 }", ": its training part has 5 tokens; a window of context 8 and its targets need 9");

    [Fact]
    public async Task An_empty_class_folder()
    {
        Picture("cat", [.. "P5 2 2 255\n"u8, 1, 2, 3, 4]);
        Directory.CreateDirectory(folder["set", "dog"]);
        await SetIsRefused($"{folder["set", "dog"]}: the class folder has no picture; allowed: at least one .png, .pgm or .ppm");
    }

    [Fact]
    public async Task A_truncated_png()
    {
        Picture("cat", [.. "P5 2 2 255\n"u8, 1, 2, 3, 4]);
        Directory.CreateDirectory(folder["set", "dog"]);
        File.WriteAllBytes(folder["set", "dog", "1.png"], [0x89, .. "PNG"u8, 13, 10, 26, 10, 0, 0, 0, 13, .. "IHDR"u8, 0, 0]);
        await SetIsRefused($"{folder["set", "dog", "1.png"]}: cut short: the file ends at byte 18, within the chunk that begins at byte 8");
    }

    [Fact]
    public async Task Pictures_of_two_sizes()
    {
        Picture("cat", [.. "P5 2 2 255\n"u8, 1, 2, 3, 4]);
        Picture("dog", [.. "P5 2 1 255\n"u8, 1, 2]);
        await SetIsRefused($"{folder["set", "dog", "1.pgm"]}: found a picture of 2 x 1 pixels; allowed: 2 x 2, as the first has");
    }

    [Fact]
    public Task Token_ids_beyond_the_vocabulary() => IsRefused(
        "data.csv",
        "t1,t2,y\n1,9,3\n4,5,4\n2,10,1\n",
        "csv: { }",
        ":4: column 2 \"t2\": found the token id 10; allowed: whole numbers from 0 to 9, as Embedding(10, 4) has rows",
        "scale: unit",
        Tokens);

    [Fact]
    public Task Token_ids_that_were_scaled() => IsRefused(
        "data.csv",
        "t1,t2,y\n1,9,3\n4,5,4\n",
        "csv: { }",
        ":2: column 1 \"t1\": found the token id -1; allowed: whole numbers from 0 to 9, as Embedding(10, 4) has rows",
        "scale: standard",
        Tokens);

    [Fact]
    public async Task A_vocabulary_larger_than_the_embedding()
    {
        const string Text = "the quick brown fox jumps over the lazy dog";
        await IsRefused(
            "data.txt",
            Text,
            "text: { context: 4 }",
            $"model: Embedding(10, 4) takes token ids below 10; the vocabulary of {folder["data.txt"]} has {Text.Distinct().Count()}; allowed: inputDim {Text.Distinct().Count()}, or a smaller vocabulary",
            model: $"model: {{ layers: [ {{ Embedding: {{ inputDim: 10, outputDim: 4 }} }}, {{ Dense: {Text.Distinct().Count()} }} ] }}\n");
    }

    [Fact]
    public async Task Token_ids_beyond_the_vocabulary_when_predicting()
    {
        File.WriteAllText(folder["data.csv"], "t1,t2,y\n1,9,3\n4,5,4\n2,0,1\n");
        File.WriteAllText(folder["job.yaml"], Tokens + "data: { path: data.csv, scale: unit }\ntrain: { epochs: 1 }\n");
        Assert.Equal(0, (await CliRun.Of("train", folder["job.yaml"], "--out", folder["run"])).ExitCode);
        string rows = "t1,t2\n1,2\n3,12\n";
        const string Expected = ":3: column 2 \"t2\": found the token id 12; allowed: whole numbers from 0 to 9, as Embedding(10, 4) has rows";
        CliRun piped = await CliRun.Of(
            new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Input = new StringReader(rows) }, "predict", folder["run"], "--input", "-");
        Refused(piped, "standard input" + Expected);
        File.WriteAllText(folder["more.csv"], "t1,t2,y\n1,2,0\n3,12,0\n");
        Refused(await CliRun.Of("predict", folder["run"], "--input", folder["more.csv"]), folder["more.csv"] + Expected);
        Refused(await CliRun.Of("evaluate", folder["run"], "--data", folder["more.csv"]), folder["more.csv"] + Expected);
    }

    [Fact]
    public async Task A_category_that_training_had_not()
    {
        File.WriteAllText(folder["data.csv"], "colour,y\nred,3\nblue,4\n");
        File.WriteAllText(folder["test.csv"], "colour,y\nred,3\ngreen,4\n");
        File.WriteAllText(folder["job.yaml"], "model: { layers: [ { Dense: 1 } ] }\ndata: { path: data.csv }\ntrain: { epochs: 1 }\n");
        Assert.Equal(0, (await CliRun.Of("train", folder["job.yaml"], "--out", folder["run"])).ExitCode);
        string expected = $"{folder["test.csv"]}:3: column 1 \"colour\": found \"green\"; allowed: one of blue, red";
        Refused(await CliRun.Of("predict", folder["run"], "--input", folder["test.csv"]), expected);
        Refused(await CliRun.Of("train", folder["job.yaml"], "--set", $"data.testPath={folder["test.csv"]}", "--out", folder["other"]), expected);
        Assert.False(Directory.Exists(folder["other"]));
    }

    private static void Refused(CliRun run, string expected) => Assert.Equal((2, expected + "\n", ""), (run.ExitCode, run.Error, run.Output));

    private void Picture(string name, byte[] content)
    {
        Directory.CreateDirectory(folder["set", name]);
        File.WriteAllBytes(folder["set", name, "1.pgm"], content);
    }

    private async Task SetIsRefused(string expected)
    {
        File.WriteAllText(folder["job.yaml"], "model: { layers: [ Flatten, { Dense: 2 } ] }\ndata: { path: set }\n");
        Refused(await CliRun.Of("train", folder["job.yaml"], "--out", folder["run"]), expected);
        Assert.False(Directory.Exists(folder["run"]));
    }

    /// <param name="file">Gets the content.</param>
    /// <param name="content">Of the data.</param>
    /// <param name="format">As in data.format.</param>
    /// <param name="expected">The one line; the file goes before it when it begins with a colon.</param>
    /// <param name="more">Other keys of data.</param>
    /// <param name="model">Of the job.</param>
    private async Task IsRefused(string file, string content, string format, string expected, string? more = null, string? model = null)
    {
        File.WriteAllText(folder[file], content);
        File.WriteAllText(folder["job.yaml"], $"{model ?? "model: { layers: [ Flatten, { Dense: 1 } ] }\n"}data: {{ path: {file}, format: {{ {format} }}{(more is null ? "" : ", " + more)} }}\n");
        Refused(await CliRun.Of("train", folder["job.yaml"], "--out", folder["run"]), expected.StartsWith(':') ? folder[file] + expected : expected);
        Assert.False(Directory.Exists(folder["run"]));
    }
}
