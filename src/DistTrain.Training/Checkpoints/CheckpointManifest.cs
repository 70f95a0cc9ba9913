using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>manifest.json of a checkpoint. It is renamed into place last: a folder with one is complete.</summary>
internal sealed record CheckpointManifest
{
    public const string FileName = "manifest.json";
    public const int FormatVersion = 3;

    /// <summary>Format 1 had no steering; no job that it could come from steered. Format 2 had no hash of its own.</summary>
    private const int FormatVersionMin = 1;

    private const int HashedFormatMin = 3;

    /// <summary>A manifest is some hundred bytes.</summary>
    private const int BytesMax = 1 << 20;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    public required int Format { get; init; }

    public required int Numerics { get; init; }

    public required long Step { get; init; }

    public required string JobSha256 { get; init; }

    public required string DataSha256 { get; init; }

    public required string WeightsSha256 { get; init; }

    public required int Slots { get; init; }

    public required OptimizerState Optimizer { get; init; }

    public required StatisticTotals PassTotals { get; init; }

    public SteeringState Steering { get; init; } = SteeringState.Initial;

    public required List<CheckpointFile> Files { get; init; }

    /// <summary>SHA-256 of this JSON with "" here: running products and sums decide bits as the floats do.</summary>
    public string ManifestSha256 { get; init; } = "";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this with { ManifestSha256 = OwnSha256() }, Options);

    /// <exception cref="UserError">It is unreadable, or of another format or numerics version.</exception>
    public static CheckpointManifest Read(string path)
    {
        long bytes = new FileInfo(path).Length;
        if (bytes > BytesMax)
        {
            throw new UserError($"{path}: {bytes} bytes are too many for a manifest");
        }

        CheckpointManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllBytes(path), Options) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new UserError($"{path}: is damaged: not the JSON of a manifest", e);
        }

        if (manifest.Format is < FormatVersionMin or > FormatVersion || manifest.Numerics != Tensors.Numerics.Version)
        {
            throw new UserError(
                $"{path}: has format {manifest.Format} and numerics version {manifest.Numerics}; this build reads {FormatVersionMin} to {FormatVersion} and {Tensors.Numerics.Version}");
        }

        return manifest.Format < HashedFormatMin || manifest.ManifestSha256 == manifest.OwnSha256()
            ? manifest
            : throw new UserError($"{path}: is damaged: its SHA-256 is {manifest.OwnSha256()}, {manifest.ManifestSha256} was written");
    }

    private string OwnSha256() =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { ManifestSha256 = "" }, Options)));
}

/// <summary>What a file of a checkpoint must be.</summary>
internal sealed record CheckpointFile(string Name, long Bytes, string Sha256);
