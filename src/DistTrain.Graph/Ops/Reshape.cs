using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>A sample under another shape of as many elements, in memory order: y = x, dx = dy.</summary>
public sealed class Reshape(Shape target) : View
{
    public override string Kind => "reshape";

    public Shape Target { get; } = target;

    public override Shape InferShape(in OpInputs inputs) => inputs[0].Length == Target.Length
        ? Target
        : throw inputs.Refuse($"it has {inputs[0].Length} elements, {Target} needs {Target.Length}");

    public override string ToString() => $"Reshape{Target}";
}
