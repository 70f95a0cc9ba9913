using System.Collections.Generic;

namespace DistTrain.Tensors.Generators;

/// <summary>One vector type kernels are written for, and the tile that fills its registers without spilling.</summary>
/// <remarks>
/// A tile of Rows x (Vectors * Lanes) needs Rows * Vectors accumulators, Vectors registers for b and one for the broadcast of
/// a. 512 bits and Arm's 128 have 32 registers (24 accumulators), AVX2 has 16 (12 accumulators).
/// </remarks>
internal sealed class VectorWidth
{
    public static readonly IReadOnlyList<VectorWidth> All = new[]
    {
        new VectorWidth("Vector512", 16, 12, 2),
        new VectorWidth("Vector256", 8, 6, 2),
        new VectorWidth("Vector128", 4, 12, 2),
    };

    private VectorWidth(string name, int lanes, int rows, int vectors)
    {
        Name = name;
        Lanes = lanes;
        Rows = rows;
        Vectors = vectors;
    }

    /// <summary>The static class in System.Runtime.Intrinsics.</summary>
    public string Name { get; }

    /// <summary>Floats in a vector.</summary>
    public int Lanes { get; }

    /// <summary>Rows of the largest tile.</summary>
    public int Rows { get; }

    /// <summary>Rows of the largest tile of a kernel that holds two sums at once.</summary>
    public int PairedRows(int vectors) => Rows * Vectors / 2 / vectors;

    /// <summary>Vectors across the widest tile.</summary>
    public int Vectors { get; }

    /// <summary>Bits, as the suffix of generated classes.</summary>
    public int Bits => Lanes * 32;
}
