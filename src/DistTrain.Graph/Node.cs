using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>One application of an op. Immutable.</summary>
public sealed class Node
{
    private readonly Node[] inputs;
    private readonly Parameter[] parameters;

    internal Node(int index, string name, Op op, Node[] inputs, Shape shape, Parameter[] parameters)
    {
        Index = index;
        Name = name;
        Op = op;
        this.inputs = inputs;
        Shape = shape;
        this.parameters = parameters;
    }

    /// <summary>Position in the graph: inputs of a node come before it.</summary>
    public int Index { get; }

    /// <summary>Unique in the graph. Keys the node's random numbers, so it doesn't depend on other kinds of nodes.</summary>
    public string Name { get; }

    public Op Op { get; }

    /// <summary>Of one sample's output.</summary>
    public Shape Shape { get; }

    public IReadOnlyList<Node> Inputs => inputs;

    /// <summary>In the order of <see cref="Op.Declare"/>.</summary>
    public IReadOnlyList<Parameter> Parameters => parameters;

    public override string ToString() => $"{Name} {Op} {Shape}";

    /// <summary>The node's inputs as its op sees them.</summary>
    internal OpInputs OpInputs => new(Op, Name, Array.ConvertAll(inputs, input => input.Shape));
}
