using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>One application of an op. Immutable.</summary>
public sealed class Node
{
    private readonly Node[] inputs;
    private readonly Parameter[] parameters;

    internal Node(int index, string name, Op op, Node[] inputs, Shape shape, Parameter[] parameters, Node? mask = null)
    {
        Index = index;
        Name = name;
        Op = op;
        this.inputs = inputs;
        Shape = shape;
        this.parameters = parameters;
        Mask = mask;
        InputMasks = op.TakesMask ? Array.ConvertAll(inputs, input => input.Mask) : [];
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

    /// <summary>
    /// The mask that the value carries: the node that says which of its positions (leading axes) are there, 1 for there and 0 for
    /// padding; null for all. Only ops that take masks look at it: the values of padding are whatever the ops before gave.
    /// </summary>
    public Node? Mask { get; }

    /// <summary>Of ops that take masks, the mask of each input; empty for others.</summary>
    internal Node?[] InputMasks { get; }

    /// <summary>Every node whose value this one reads.</summary>
    internal IEnumerable<Node> Sources => inputs.Concat(InputMasks.OfType<Node>());

    public override string ToString() => $"{Name} {Op} {Shape}";

    /// <summary>The same node in a graph whose nodes and parameters have copies.</summary>
    internal Node Copy(IReadOnlyDictionary<Node, Node> copies, Func<Parameter, Parameter> parameter) => new(
        Index,
        Name,
        Op,
        Array.ConvertAll(inputs, input => copies[input]),
        Shape,
        Array.ConvertAll(parameters, own => parameter(own)),
        Mask is null ? null : copies[Mask]);

    /// <summary>The node's inputs as its op sees them.</summary>
    internal OpInputs OpInputs => new(Op, Name, Array.ConvertAll(inputs, input => input.Shape));
}
