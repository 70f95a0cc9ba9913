using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>A parameter that an op asks for.</summary>
/// <param name="Name">Within the node: "kernel", "bias".</param>
/// <param name="Shape">Of the array; there is no batch.</param>
/// <param name="Initializer">Gives the first values.</param>
public sealed record ParameterDeclaration(string Name, Shape Shape, Initializer Initializer)
{
    /// <summary>Who changes it: the optimizer, unless it is a running statistic.</summary>
    public ParameterRule Rule { get; init; }
}
