using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>A trainable array of a graph.</summary>
/// <param name="Name">Node and role: "conv2d/kernel". Stable: it keys the initial values and checkpoints.</param>
/// <param name="Shape">Of the array; there is no batch.</param>
/// <param name="Initializer">Gives the first values.</param>
/// <param name="Index">Position in <see cref="ModelGraph.Parameters"/>: graph order, kernel before bias.</param>
public sealed record Parameter(string Name, Shape Shape, Initializer Initializer, int Index)
{
    /// <summary>Writes the initial values. They depend on the seed, the name and the shape alone.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="values"><see cref="Shape"/>.Length floats.</param>
    public void Initialize(ulong seed, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Shape.Length);
        Initializer.Fill(seed, Philox.Stream(Name), Shape, values);
    }
}
