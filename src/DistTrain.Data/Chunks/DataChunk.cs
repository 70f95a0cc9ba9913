using System.Security.Cryptography;

namespace DistTrain.Data;

/// <summary>Consecutive samples, packed as they travel and as a cache keeps them; checked against their manifest.</summary>
public sealed class DataChunk
{
    private readonly int featureLength;
    private readonly int targetLength;
    private readonly PackedRun features;
    private readonly PackedRun targets;

    private DataChunk(PartManifest part, int rows, ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
        (featureLength, targetLength) = (part.SampleShape.Length, part.Target.Length);
        features = PackedRun.Parse(ref bytes, rows * featureLength);
        targets = PackedRun.Parse(ref bytes, rows * targetLength);
        if (!bytes.IsEmpty)
        {
            throw new InvalidDataException($"a chunk has {bytes.Length} bytes too many");
        }
    }

    /// <summary>Packed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Bytes that a packed chunk has at most: memory and disk that may be taken for it.</summary>
    public static int BytesMax(PartManifest part, int chunk)
    {
        ArgumentNullException.ThrowIfNull(part);
        long rows = part.RowsIn(chunk);
        return (int)(PackedRun.BytesMax(rows * part.SampleShape.Length) + PackedRun.BytesMax(rows * part.Target.Length));
    }

    /// <summary>Packs a chunk of a source.</summary>
    public static byte[] Pack(IDataSource source, PartManifest part, int chunk)
    {
        ArgumentNullException.ThrowIfNull(part);
        int rows = part.RowsIn(chunk);
        var samples = new SampleBlock(part.SampleShape.Length, part.Target.Length, rows);
        samples.Read(source, chunk * part.RowsPerChunk, rows);
        return [.. PackedRun.Pack(samples.Features), .. PackedRun.Pack(samples.Targets)];
    }

    /// <summary>Bytes that claim to be a chunk.</summary>
    /// <exception cref="InvalidDataException">They are not: they are malformed, or their floats have another SHA-256 than the manifest says.</exception>
    public static DataChunk Parse(PartManifest part, int chunk, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(part);
        int rows = part.RowsIn(chunk);
        var parsed = new DataChunk(part, rows, bytes);
        var samples = new SampleBlock(parsed.featureLength, parsed.targetLength, rows);
        samples.Resize(rows);
        parsed.features.CopyTo(0, samples.Features);
        parsed.targets.CopyTo(0, samples.Targets);
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        samples.Hash(sha256);
        return sha256.SequenceEqual(part.HashOf(chunk))
            ? parsed
            : throw new InvalidDataException($"chunk {chunk} of {part.Name} has SHA-256 {Convert.ToHexStringLower(sha256)}; the manifest says {Convert.ToHexStringLower(part.HashOf(chunk))}");
    }

    /// <summary>One of its samples.</summary>
    /// <param name="row">In the chunk.</param>
    /// <param name="features">As many floats as a sample has.</param>
    /// <param name="targets">Likewise; empty skips them.</param>
    public void Read(int row, Span<float> features, Span<float> targets)
    {
        this.features.CopyTo(row * featureLength, features);
        if (!targets.IsEmpty)
        {
            this.targets.CopyTo(row * targetLength, targets);
        }
    }
}
