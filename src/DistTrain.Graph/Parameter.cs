using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>An array of a graph that outlives a step: a weight, or a running statistic.</summary>
/// <param name="Name">Node and role: "conv2d/kernel". Stable: it keys the initial values and checkpoints.</param>
/// <param name="Shape">Of the array; there is no batch.</param>
/// <param name="Initializer">Gives the first values.</param>
/// <param name="Index">Position in <see cref="ModelGraph.Parameters"/>: graph order, kernel before bias.</param>
public sealed record Parameter(string Name, Shape Shape, Initializer Initializer, int Index)
{
    /// <summary>Who changes it in a step. What is frozen gets no gradient computed, but one of +0.</summary>
    public ParameterRule Rule { get; init; }

    public bool IsFrozen => Rule.Kind == ParameterRuleKind.Frozen;

    /// <summary>Writes the initial values. They depend on the seed, the name and the shape alone.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="values"><see cref="Shape"/>.Length floats.</param>
    public void Initialize(ulong seed, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Shape.Length);
        Initializer.Fill(seed, Philox.Stream(Name), Shape, values);
    }
}
