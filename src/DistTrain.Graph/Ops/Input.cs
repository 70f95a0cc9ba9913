using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Where samples of one shape enter a graph. The value is the caller's memory.</summary>
public sealed class Input(Shape shape) : Op
{
    public override string Kind => "input";

    public override int Arity => 0;

    /// <summary>Of one sample.</summary>
    public Shape Shape { get; } = shape;

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) => Shape;

    public override void Forward(ForwardContext context) => throw new InvalidOperationException("An input is given, not computed.");

    public override void Backward(BackwardContext context) => throw new InvalidOperationException("An input has no gradient.");
}
