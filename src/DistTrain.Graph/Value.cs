using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>The result of a node while a graph is being built: what the next layer takes.</summary>
public readonly struct Value
{
    internal Value(GraphBuilder builder, Node node)
    {
        Builder = builder;
        Node = node;
    }

    public Node Node { get; }

    /// <summary>Of one sample.</summary>
    public Shape Shape => Node.Shape;

    internal GraphBuilder Builder { get; }
}
