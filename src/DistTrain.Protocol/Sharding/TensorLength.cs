using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>A tensor of the flat parameter vector, in its order there.</summary>
/// <param name="Name">As errors name it.</param>
/// <param name="Floats">Elements, 1 or more.</param>
/// <param name="Rule">Who changes it in a step.</param>
public readonly record struct TensorLength(string Name, long Floats, ParameterRule Rule = default);
