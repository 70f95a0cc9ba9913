using System.Text.Json.Nodes;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Processes that may not use the wider instructions end with the same bits.</summary>
public class VectorWidthTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    public async Task A_process_without_the_wider_vectors_trains_to_the_same_hash(string variable, int bitsMax)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["job.yaml"], HardJob.Yaml);
        var environment = new Dictionary<string, string> { [variable] = "0" };
        JsonNode info = Assert.Single(await CliProcess.JsonOf(environment, "info", "--json"));
        Assert.InRange((int)info["vector_bits"]!, 128, bitsMax);
        Assert.False((bool)info["avx512"]!);
        Assert.True(bitsMax == 256 || !(bool)info["avx2"]!);

        IReadOnlyList<JsonNode> lines = await CliProcess.JsonOf(
            environment, "train", folder["job.yaml"], "--json", "--workers", "2", "--threads", "1", "--out", folder["run"]);
        Assert.Equal(HardJob.OracleHash(JobFile.Load(folder["job.yaml"])), (string?)lines[^1]["weights_sha256"]);
    }
}
