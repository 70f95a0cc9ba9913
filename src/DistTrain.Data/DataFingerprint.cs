using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>What machines compare before they train together: equal exactly when all samples and targets are, bit for bit.</summary>
public static class DataFingerprint
{
    private const int RowsAtOnce = 64;

    /// <summary>
    /// SHA-256, lower-case hex, over count, sample shape, target kind, classes and target shape as little-endian 32-bit numbers (each
    /// shape after its rank), then the features and targets of 64 samples at a time as little-endian floats. Reads the whole source.
    /// </summary>
    public static string Compute(IDataSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, source.Count);
        Append(hash, source.SampleShape);
        Append(hash, (int)source.Target.Kind);
        Append(hash, source.Target.Classes);
        Append(hash, source.Target.Shape);

        int[] indices = new int[RowsAtOnce];
        float[] features = new float[RowsAtOnce * source.SampleShape.Length];
        float[] targets = new float[RowsAtOnce * source.Target.Length];
        for (int first = 0; first < source.Count; first += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, source.Count - first);
            for (int row = 0; row < rows; row++)
            {
                indices[row] = first + row;
            }

            Span<float> readFeatures = features.AsSpan(0, rows * source.SampleShape.Length);
            Span<float> readTargets = targets.AsSpan(0, rows * source.Target.Length);
            source.Read(indices.AsSpan(0, rows), readFeatures, readTargets);
            Append(hash, readFeatures);
            Append(hash, readTargets);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
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

    private static void Append(IncrementalHash hash, ReadOnlySpan<float> floats)
    {
        if (BitConverter.IsLittleEndian)
        {
            hash.AppendData(MemoryMarshal.AsBytes(floats));
            return;
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(floats.Length * sizeof(float));
        for (int i = 0; i < floats.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), floats[i]);
        }

        hash.AppendData(bytes, 0, floats.Length * sizeof(float));
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
