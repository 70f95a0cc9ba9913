using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// A layer made of layers: where an op becomes one node, this one adds several. Applied like any other; the last node takes the
/// layer's name, and the others names that begin with it: "block-norm1".
/// </summary>
public abstract class CompositeLayer : Op
{
    /// <summary>Adds the layers and returns the last one's value.</summary>
    /// <param name="builder">Gets them.</param>
    /// <param name="inputs">As many as <see cref="Op.Arity"/> says.</param>
    /// <param name="name">Of the last layer; prefix of the others, with '-' between.</param>
    /// <exception cref="UserError">A shape doesn't fit.</exception>
    public abstract Value Expand(GraphBuilder builder, ReadOnlySpan<Value> inputs, string name);

    public sealed override Shape InferShape(in OpInputs inputs) => throw NoNode();

    public sealed override void Forward(ForwardContext context) => throw NoNode();

    public sealed override void Backward(BackwardContext context) => throw NoNode();

    private InvalidOperationException NoNode() => new($"{this} is several nodes, and none itself.");
}
