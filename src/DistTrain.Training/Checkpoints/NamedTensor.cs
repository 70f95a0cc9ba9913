using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>One array of a file of weights.</summary>
/// <param name="Name">"dense/kernel".</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Values">Shape.Length floats.</param>
public readonly record struct NamedTensor(string Name, Shape Shape, ReadOnlyMemory<float> Values);
