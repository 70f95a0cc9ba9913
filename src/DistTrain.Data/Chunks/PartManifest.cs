using System.Buffers.Binary;
using System.Security.Cryptography;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// What one part of a data set is (its training, validation or test samples, as the network sees them): counts, shapes, and the SHA-256
/// of every chunk, a run of consecutive samples. Small, and enough to check whatever claims to be a chunk.
/// </summary>
/// <remarks>
/// Chunks are decoded samples, not pieces of files: so they exist for every source, whatever its format, and a host that gets them needs
/// neither the files nor what reads them. A chunk's hash is that of its floats, not of how they are packed on the way.
/// </remarks>
public sealed class PartManifest
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>Chunks of a part: 32 MiB of hashes, 256 GiB of floats. Who gets a manifest takes memory for no more.</summary>
    public const int ChunksMax = 1 << 20;

    /// <summary>Floats of a sample: 64 MiB. Larger samples must lie on each host.</summary>
    public const int SampleFloatsMax = 1 << 24;

    /// <summary>Floats of a chunk, unless a single sample has more: 256 KiB, two frames of a lane, some 80 pictures of 28x28.</summary>
    private const int ChunkFloats = 1 << 16;

    /// <summary>Samples of a chunk at most, however small they are.</summary>
    private const int RowsMax = 4096;

    private readonly byte[] hashes;

    /// <param name="name">Of the source, for messages.</param>
    /// <param name="count">Samples.</param>
    /// <param name="sampleShape">Of one sample's features.</param>
    /// <param name="target">What stands beside it.</param>
    /// <param name="hashes">SHA-256 of each chunk, one after the other; belongs to the manifest from then on.</param>
    /// <exception cref="InvalidDataException">The numbers don't fit each other, or are beyond the limits.</exception>
    public PartManifest(string name, int count, Shape sampleShape, TargetDescription target, byte[] hashes)
    {
        (Name, Count, SampleShape, Target) = (name, count, sampleShape, target);
        long floats = (long)sampleShape.Length + target.Length;
        int chunks = ChunksOf(count, floats);
        if (hashes.Length != chunks * HashBytes)
        {
            throw new InvalidDataException($"{name}: {count} samples of {floats} floats are {chunks} chunks; there are {hashes.Length} bytes of hashes");
        }

        RowsPerChunk = RowsOf(floats);
        this.hashes = hashes;
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    /// <summary>Samples of each chunk but the last, which may have fewer.</summary>
    public int RowsPerChunk { get; }

    public int Chunks => hashes.Length / HashBytes;

    /// <summary>Bytes of all floats.</summary>
    public long Bytes => ((long)SampleShape.Length + Target.Length) * sizeof(float) * Count;

    /// <summary>SHA-256 of each chunk, one after the other.</summary>
    public ReadOnlySpan<byte> Hashes => hashes;

    /// <summary>
    /// SHA-256, lower-case hex, over count, sample shape, target kind, classes and target shape as little-endian 32-bit numbers (each
    /// shape after its rank), then the hashes of all chunks: equal exactly when all samples and targets are, bit for bit.
    /// </summary>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Append(hash, Count);
            Append(hash, SampleShape);
            Append(hash, (int)Target.Kind);
            Append(hash, Target.Classes);
            Append(hash, Target.Shape);
            hash.AppendData(hashes);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Reads the whole source.</summary>
    public static PartManifest Of(IDataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source is ChunkSource chunked)
        {
            return chunked.Manifest;
        }

        int chunks = ChunksOf(source.Count, (long)source.SampleShape.Length + source.Target.Length, chunksMax: int.MaxValue / HashBytes);
        byte[] hashes = new byte[chunks * HashBytes];
        int rows = RowsOf((long)source.SampleShape.Length + source.Target.Length);
        var samples = new SampleBlock(source.SampleShape.Length, source.Target.Length, Math.Min(rows, source.Count));
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            samples.Read(source, chunk * rows, Math.Min(rows, source.Count - (chunk * rows)));
            samples.Hash(hashes.AsSpan(chunk * HashBytes, HashBytes));
        }

        return new PartManifest(source, hashes);
    }

    public ReadOnlySpan<byte> HashOf(int chunk) => hashes.AsSpan(chunk * HashBytes, HashBytes);

    /// <summary>Samples of a chunk.</summary>
    public int RowsIn(int chunk) => (int)Math.Min(RowsPerChunk, Count - ((long)chunk * RowsPerChunk));

    /// <summary>Chunks of so many samples; what a manifest's receiver takes memory for.</summary>
    /// <exception cref="InvalidDataException">Beyond the limits.</exception>
    public static int ChunksOf(int count, long sampleFloats, int chunksMax = ChunksMax)
    {
        bool isAllowed = count >= 1 && sampleFloats >= 1 && (sampleFloats <= SampleFloatsMax || chunksMax != ChunksMax);
        long rows = isAllowed ? RowsOf(sampleFloats) : 1;
        long chunks = (count + rows - 1) / rows;
        return isAllowed && chunks <= chunksMax
            ? (int)chunks
            : throw new InvalidDataException($"{count} samples of {sampleFloats} floats: allowed are {ChunksMax} chunks, and {SampleFloatsMax} floats a sample");
    }

    private static int RowsOf(long sampleFloats) => (int)Math.Clamp(ChunkFloats / sampleFloats, 1, RowsMax);

    // A source that is here may be larger than what is sent to others.
    private PartManifest(IDataSource source, byte[] hashes)
    {
        (Name, Count, SampleShape, Target) = (source.Name, source.Count, source.SampleShape, source.Target);
        RowsPerChunk = RowsOf((long)SampleShape.Length + Target.Length);
        this.hashes = hashes;
    }

    private static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, Shape shape)
    {
        Append(hash, shape.Rank);
        foreach (int dim in shape.Dims)
        {
            Append(hash, dim);
        }
    }
}
