using System.Text.Json.Nodes;

namespace DistTrain.Cli.Tests;

public class SimulateCommandTests
{
    [Fact]
    public async Task The_same_seeds_give_the_same_hash_twice()
    {
        CliRun first = await CliRun.Of("simulate", "--seeds", "5", "--json");
        JsonObject done = first.Done();

        Assert.Equal(5, (int)done["seeds"]!);
        Assert.True((long)done["events"]! > 0 && (long)done["steps"]! > 0);
        Assert.Contains("MessageLost", done["faults"]!.AsObject().Select(pair => pair.Key));
        Assert.Equal((string?)done["trace_sha256"], (string?)(await CliRun.Of("simulate", "--seeds", "5", "--json")).Done()["trace_sha256"]);
    }

    [Fact]
    public async Task A_trace_shows_every_event()
    {
        CliRun run = await CliRun.Of("simulate", "--seed", "3", "--workers", "2", "--servers", "1", "--faults", "none", "--application", "training", "--trace");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Seed 3 passed", run.Output, StringComparison.Ordinal);
        Assert.Matches("MessageLost +0\n", run.Output);
        Assert.Contains("kinds never fired", run.Output, StringComparison.Ordinal);
        Assert.Contains("PushGradient step 0", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--faults", "los", "did you mean \"loss\"")]
    [InlineData("--application", "counting", "allowed: one of counter, training")]
    [InlineData("--seeds", "0", "allowed: a whole number from 1")]
    public async Task A_wrong_value_is_refused_in_one_line(string option, string value, string expected)
    {
        CliRun run = await CliRun.Of("simulate", option, value);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }
}
