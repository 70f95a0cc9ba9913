using System.Text.Json.Nodes;

namespace DistTrain.Cli.Tests;

/// <summary>One command line, run in this process.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>A network that trains in milliseconds, on few samples.</summary>
    public const string SmallJob = """
        model: { layers: [ Flatten, { Dense: { units: 16, activation: relu } }, { Dense: { units: 10, activation: softmax } } ] }
        data: { limit: 200 }
        train: { epochs: 2, batch: 16, steps: 20 }

        """;

    public static Task<CliRun> Of(params string[] arguments) => Of(new Dictionary<string, string?>(), arguments);

    public static Task<CliRun> Of(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        Of(new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Environment = environment }, arguments);

    /// <param name="terminal">Its writers are replaced.</param>
    /// <param name="arguments">As after the program's name.</param>
    public static async Task<CliRun> Of(Terminal terminal, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = await CommandLine.InvokeAsync(arguments, terminal with { Output = TextWriter.Synchronized(output), Error = TextWriter.Synchronized(error) });
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }

    public IReadOnlyList<JsonObject> Json() =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>The last line, which must be a done event.</summary>
    public JsonObject Done()
    {
        Assert.True(ExitCode == 0, Error);
        JsonObject done = Json()[^1];
        Assert.Equal("done", (string?)done["event"]);
        return done;
    }
}
