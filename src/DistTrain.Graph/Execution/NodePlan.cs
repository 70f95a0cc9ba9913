namespace DistTrain.Graph;

/// <summary>What was decided for one node: where its values lie and which of its calls are made. Offsets are in floats; -1 is none.</summary>
internal sealed class NodePlan(Node node, uint randomStream, int scratchPerSample, IReadOnlyList<int> keptPerSample)
{
    public Node Node { get; } = node;

    public uint RandomStream { get; } = randomStream;

    public int ScratchPerSample { get; } = scratchPerSample;

    /// <summary>Floats per sample of each run that is kept from forward to backward.</summary>
    public IReadOnlyList<int> KeptPerSample { get; } = keptPerSample;

    /// <summary>Where those runs lie.</summary>
    public int[] Kept { get; } = new int[keptPerSample.Count];

    /// <summary>Floats of a sample's target, for a loss.</summary>
    public int TargetLength { get; } = (node.Op as Loss)?.TargetShape(node.Inputs[0].Shape).Length ?? 0;

    /// <summary>Position among the graph's inputs when this node's value is the caller's memory, or a view of it.</summary>
    public int ExternalInput { get; set; } = -1;

    /// <summary>Where the value lies in the arena.</summary>
    public int Output { get; set; } = -1;

    /// <summary>False for inputs, views, and a relu that the op before it applies.</summary>
    public bool RunsForward { get; set; }

    public bool FuseRelu { get; set; }

    /// <summary>Its gradient is needed: it has parameters or something before it has.</summary>
    public bool HasGradient { get; set; }

    /// <summary>False for views and for nodes of which no input wants a gradient.</summary>
    public bool RunsBackward { get; set; }

    /// <summary>Where the gradient of the value lies once all users' shares have been added.</summary>
    public int OutputGradient { get; set; } = -1;

    /// <summary>Shares of the second and later users, in graph order; added to <see cref="OutputGradient"/> before backward.</summary>
    public int[] FurtherShares { get; set; } = [];

    /// <summary>Where backward writes the gradient of each input.</summary>
    public int[] InputGradients { get; } = [.. Enumerable.Repeat(-1, node.Inputs.Count)];

    public int ForwardScratch { get; set; } = -1;

    public int BackwardScratch { get; set; } = -1;
}
