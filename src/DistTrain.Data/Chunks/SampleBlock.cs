using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DistTrain.Data;

/// <summary>The floats of a chunk's samples: all features, then all targets.</summary>
/// <param name="featureLength">Floats of a sample's features.</param>
/// <param name="targetLength">Floats of its target.</param>
/// <param name="rowsMax">Samples there is room for.</param>
internal sealed class SampleBlock(int featureLength, int targetLength, int rowsMax)
{
    private readonly int[] indices = new int[rowsMax];
    private readonly float[] features = new float[rowsMax * featureLength];
    private readonly float[] targets = new float[rowsMax * targetLength];

    public int Rows { get; private set; }

    public Span<float> Features => features.AsSpan(0, Rows * featureLength);

    public Span<float> Targets => targets.AsSpan(0, Rows * targetLength);

    /// <summary>Consecutive samples of a source.</summary>
    public void Read(IDataSource source, int first, int rows)
    {
        Resize(rows);
        for (int row = 0; row < rows; row++)
        {
            indices[row] = first + row;
        }

        source.Read(indices.AsSpan(0, rows), Features, Targets);
    }

    /// <summary>Has so many samples from now on, of any content.</summary>
    public void Resize(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)rows, (uint)rowsMax, nameof(rows));
        Rows = rows;
    }

    /// <summary>SHA-256 of the floats, little-endian.</summary>
    public void Hash(Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Features);
        Append(hash, Targets);
        hash.GetHashAndReset(destination);
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<float> floats)
    {
        if (BitConverter.IsLittleEndian)
        {
            hash.AppendData(MemoryMarshal.AsBytes(floats));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (float value in floats)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            hash.AppendData(bytes);
        }
    }
}
