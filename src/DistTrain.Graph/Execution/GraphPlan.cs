using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// The order in which nodes run, how long each value and gradient lives, and where in one arena it lies. Made once per graph,
/// purpose and largest batch; immutable; any number of executors may share it.
/// </summary>
public sealed class GraphPlan
{
    private readonly NodePlan?[] byIndex;

    private GraphPlan(ModelGraph graph, Node target, int maxRows, PlanPurpose purpose, PlanOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRows);
        Graph = graph;
        Target = target;
        MaxRows = maxRows;
        Purpose = purpose;
        HashSet<Node> needed = GraphOrder.Ancestors(target);
        Nodes = [.. graph.Nodes.Where(needed.Contains).Select(node =>
            new NodePlan(node, Philox.Stream(node.Name), node.Op.ScratchPerSample(node.OpInputs), node.Op.KeptPerSample(node.OpInputs)))];
        byIndex = new NodePlan?[graph.Nodes.Count];
        foreach (NodePlan plan in Nodes)
        {
            byIndex[plan.Node.Index] = plan;
        }

        ArenaFloats = new StoragePlanner(this, options).Assign();
    }

    public ModelGraph Graph { get; }

    public PlanPurpose Purpose { get; }

    /// <summary>Samples that a pass can have at most.</summary>
    public int MaxRows { get; }

    /// <summary>Floats of the arena that every executor of this plan owns.</summary>
    public int ArenaFloats { get; }

    /// <summary>The last node: the loss, or the output in predictions.</summary>
    internal Node Target { get; }

    /// <summary>What runs, in graph order.</summary>
    internal NodePlan[] Nodes { get; }

    /// <summary>Forward and backward to the loss of a graph that has one.</summary>
    public static GraphPlan ForTraining(ModelGraph graph, int maxRows) => Create(graph, maxRows, PlanPurpose.Training, default);

    /// <summary>Forward to the loss and its statistics, without dropout.</summary>
    public static GraphPlan ForEvaluation(ModelGraph graph, int maxRows) => Create(graph, maxRows, PlanPurpose.Evaluation, default);

    /// <summary>Forward to the output, without dropout.</summary>
    public static GraphPlan ForPrediction(ModelGraph graph, int maxRows) => Create(graph, maxRows, PlanPurpose.Prediction, default);

    internal static GraphPlan Create(ModelGraph graph, int maxRows, PlanPurpose purpose, PlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Node target = purpose == PlanPurpose.Prediction
            ? graph.Output
            : graph.LossNode ?? throw new InvalidOperationException("The graph has no loss: attach one with WithLoss.");
        return new GraphPlan(graph, target, maxRows, purpose, options);
    }

    /// <summary>The plan of a node that runs.</summary>
    internal NodePlan Of(Node node) =>
        byIndex[node.Index] ?? throw new InvalidOperationException($"'{node.Name}' is not part of a plan for {Purpose}.");
}
