using System.Text.Json.Nodes;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>What a newcomer types first.</summary>
public class FirstCommandTests
{
    [Fact]
    public async Task Training_without_arguments_reaches_97_percent_in_a_minute()
    {
        using var folder = new TestFolder();
        IReadOnlyList<JsonNode> lines = await CliProcess.JsonOf(new Dictionary<string, string>(), "train", "--json", "--out", folder["run"]);
        Assert.InRange((double)lines[^1]["test"]!["accuracy"]!, 0.97, 1);
        Assert.InRange((double)lines[^1]["seconds"]!, 0, 60);
        IReadOnlyList<JsonNode> evaluation = await CliProcess.JsonOf(new Dictionary<string, string>(), "evaluate", folder["run"], "--json");
        Assert.Equal((double)lines[^1]["test"]!["accuracy"]!, (double)evaluation[0]["accuracy"]!);
    }
}
