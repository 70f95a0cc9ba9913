namespace DistTrain.Graph;

/// <summary>Questions about who comes before whom.</summary>
internal static class GraphOrder
{
    /// <summary>The node and everything it is computed from.</summary>
    public static HashSet<Node> Ancestors(Node node)
    {
        var found = new HashSet<Node> { node };
        var open = new Stack<Node>([node]);
        while (open.TryPop(out Node? current))
        {
            foreach (Node input in current.Sources)
            {
                if (found.Add(input))
                {
                    open.Push(input);
                }
            }
        }

        return found;
    }
}
