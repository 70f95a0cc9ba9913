using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>All of a sample along one axis, in memory order (channels last): y = x, dx = dy.</summary>
public sealed class Flatten : View
{
    public override string Kind => "flatten";

    public override Shape InferShape(in OpInputs inputs) => new(inputs[0].Length);
}
