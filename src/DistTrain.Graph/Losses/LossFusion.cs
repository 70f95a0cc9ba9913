using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Puts a loss on a graph. A loss that takes over an activation (cross-entropy and softmax) is wired to what stands before that
/// activation, and the activation remains for predictions; where there is none, the output is logits and gets one. So a model
/// with its softmax and one without are the same computation.
/// </summary>
internal static class LossFusion
{
    public static ModelGraph Attach(ModelGraph graph, Loss loss)
    {
        var nodes = new List<Node>(graph.Nodes);
        Node output = graph.Output;
        Node taken = output;
        if (loss.TakenOver is Activation activation)
        {
            taken = Logits(output, loss, activation);
            if (taken == output)
            {
                output = Append(nodes, activation, FreeName(nodes, "prediction"), output);
            }
        }

        Node lossNode = Append(nodes, loss, FreeName(nodes, "loss"), taken);
        return new ModelGraph([.. nodes], output, lossNode);
    }

    /// <summary>The node that the loss takes: the output's input if the output is the activation, else the output.</summary>
    private static Node Logits(Node output, Loss loss, Activation activation)
    {
        bool hasActivation = output.Op.GetType() == activation.GetType();
        if (loss.FromLogits == true && hasActivation)
        {
            throw new UserError(
                $"{loss} from logits would apply {activation.Kind} twice: '{output.Name}' is one already. Remove it or leave fromLogits out.");
        }

        if (loss.FromLogits == false && !hasActivation)
        {
            throw new UserError(
                $"{loss} not from logits needs a {activation.Kind} as the last layer, not '{output.Name}' ({output.Op}). Add one or leave fromLogits out.");
        }

        Node logits = hasActivation ? output.Inputs[0] : output;
        if (Squashed(logits) is Node other)
        {
            throw new UserError(
                hasActivation
                    ? $"'{output.Name}' applies {activation.Kind} to '{other.Name}' ({other.Op} {other.Shape}), which is squashed already. Remove one of them."
                    : $"{loss} applies {activation.Kind} itself, but '{output.Name}' comes from '{other.Name}' ({other.Op} {other.Shape}). Make a {activation.Kind} the last layer, or remove '{other.Name}'.");
        }

        return logits;
    }

    /// <summary>The softmax or sigmoid whose values reach this node with nothing but views and dropout in between.</summary>
    private static Node? Squashed(Node node)
    {
        while (node.Op is View or Linear or Dropout)
        {
            node = node.Inputs[0];
        }

        return node.Op is Softmax or Sigmoid ? node : null;
    }

    private static Node Append(List<Node> nodes, Op op, string name, Node input)
    {
        Shape shape = op.InferShape(new OpInputs(op, name, [input.Shape]));
        var node = new Node(nodes.Count, name, op, [input], shape, [], op.PassesMask ? input.Mask : null);
        nodes.Add(node);
        return node;
    }

    private static string FreeName(List<Node> nodes, string name)
    {
        string free = name;
        for (int i = 1; nodes.Exists(node => node.Name == free); i++)
        {
            free = $"{name}_{i}";
        }

        return free;
    }
}
