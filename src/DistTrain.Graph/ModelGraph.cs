using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// A model as a dataflow graph: nodes in an order in which inputs come before their users, one output, and the loss once one
/// was attached. Immutable; plans and executors are made from it.
/// </summary>
/// <remarks>Called ModelGraph because a class can't share its name with its namespace without trouble in every other one.</remarks>
public sealed class ModelGraph
{
    private readonly Node[] nodes;

    internal ModelGraph(Node[] nodes, Node output, Node? lossNode)
    {
        this.nodes = nodes;
        Output = output;
        LossNode = lossNode;
        Inputs = [.. nodes.Where(node => node.Op is Input)];
        Parameters = [.. nodes.SelectMany(node => node.Parameters).DistinctBy(parameter => parameter.Index)];
    }

    /// <summary>The order in which the forward pass visits them: the order of building.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Where samples enter, in graph order.</summary>
    public IReadOnlyList<Node> Inputs { get; }

    /// <summary>By <see cref="Parameter.Index"/>: graph order of the nodes, then kernel before bias. A shared one stands once.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>What a prediction returns: probabilities once a cross-entropy is attached.</summary>
    public Node Output { get; }

    /// <summary>The loss as a node, or null before <see cref="WithLoss"/>.</summary>
    public Node? LossNode { get; }

    /// <summary>The loss, or null before <see cref="WithLoss"/>.</summary>
    public Loss? Loss => LossNode?.Op as Loss;

    /// <summary>Floats of all parameters.</summary>
    public long ParameterCount => Parameters.Sum(parameter => (long)parameter.Shape.Length);

    /// <summary>
    /// The graph with other rules for its parameters: what is frozen is not changed by training, and no gradient is computed where
    /// nothing behind can be trained.
    /// </summary>
    /// <param name="rule">The rule of each parameter; return its own to leave it.</param>
    public ModelGraph WithRules(Func<Parameter, ParameterRule> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Parameter[] parameters = [.. Parameters.Select(parameter => parameter with { Rule = rule(parameter) })];
        var copies = new Dictionary<Node, Node>();
        foreach (Node node in nodes)
        {
            copies[node] = node.Copy(copies, parameter => parameters[parameter.Index]);
        }

        return new ModelGraph([.. nodes.Select(node => copies[node])], copies[Output], LossNode is null ? null : copies[LossNode]);
    }

    /// <summary>The graph with another value of its builder as output; nodes that don't lead there stay, and are not computed.</summary>
    /// <exception cref="ArgumentException">The value is of another graph, or this one has a loss already.</exception>
    public ModelGraph WithOutput(Value output) => LossNode is null && nodes.Contains(output.Node)
        ? new ModelGraph(nodes, output.Node, lossNode: null)
        : throw new ArgumentException($"'{output.Node.Name}' can't be the output of this graph.", nameof(output));

    /// <summary>Place of an input node in <see cref="Inputs"/>.</summary>
    internal int InputPosition(Node input)
    {
        for (int i = 0; i < Inputs.Count; i++)
        {
            if (Inputs[i] == input)
            {
                return i;
            }
        }

        throw new InvalidOperationException($"{input} is no input of this graph.");
    }

    /// <summary>
    /// The graph with a loss on its output. A softmax (sigmoid) right before its cross-entropy is recognised: the loss is computed
    /// from the logits before it. An output without one is taken as logits, and the prediction gets the softmax (sigmoid). Both
    /// ways train to the same bits, whatever the layers are called.
    /// </summary>
    /// <exception cref="UserError">The output's shape doesn't fit, or a softmax would be applied twice.</exception>
    public ModelGraph WithLoss(Loss loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (LossNode is not null)
        {
            throw new InvalidOperationException($"The graph has a loss already: {LossNode}.");
        }

        return LossFusion.Attach(this, loss);
    }
}
