using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DistTrain.Training;

/// <summary>Writes a file of floats and knows its SHA-256 without reading it again.</summary>
internal static class HashedFile
{
    /// <summary>What is hashed stays in the second-level cache until it is written.</summary>
    private const int PieceFloats = 1 << 17;

    /// <summary>Writes a head and runs of floats, little-endian, back to back.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">Of the file.</param>
    /// <param name="head">Before the floats.</param>
    /// <param name="runs">The floats, without copying.</param>
    /// <param name="values">Gets the floats alone as well; null: nobody asks for their hash.</param>
    /// <returns>What a manifest says of the file.</returns>
    public static CheckpointFile Write(string folder, string name, byte[] head, IReadOnlyList<ReadOnlyMemory<float>> runs, IncrementalHash? values = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = head.Length + runs.Sum(run => (long)run.Length * sizeof(float));
        DurableFile.Write(
            Path.Combine(folder, name),
            stream =>
            {
                hash.AppendData(head);
                stream.Write(head);
                foreach (ReadOnlyMemory<float> run in runs)
                {
                    Append(stream, run.Span, hash, values);
                }
            },
            bytes);
        return new CheckpointFile(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static void Append(Stream stream, ReadOnlySpan<float> floats, IncrementalHash hash, IncrementalHash? values)
    {
        for (int at = 0; at < floats.Length; at += PieceFloats)
        {
            ReadOnlySpan<byte> piece = MemoryMarshal.AsBytes(floats.Slice(at, Math.Min(PieceFloats, floats.Length - at)));
            hash.AppendData(piece);
            values?.AppendData(piece);
            stream.Write(piece);
        }
    }
}
