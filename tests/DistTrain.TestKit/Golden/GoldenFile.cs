using System.Text.Json;
using System.Text.Json.Serialization;

namespace DistTrain.TestKit;

/// <summary>A dump as tests/golden/golden.py writes it.</summary>
internal sealed class GoldenFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public required string MadeBy { get; init; }

    public required float LearningRate { get; init; }

    public required double Loss { get; init; }

    public required GoldenTensor[] Inputs { get; init; }

    public required GoldenTensor Target { get; init; }

    public required GoldenTensor Output { get; init; }

    public required GoldenTensor[] Parameters { get; init; }

    /// <summary>Reads Golden/NAME.json from beside the test assembly.</summary>
    public static GoldenFile Read(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".json"));
        return JsonSerializer.Deserialize<GoldenFile>(file, Options) ?? throw new InvalidDataException(name);
    }
}
