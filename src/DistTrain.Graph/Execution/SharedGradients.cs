using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Gradients of parameters that several nodes use. The contract adds the uses of each slice in graph order before anything
/// climbs the tree, so the fused tree of the kernels can't serve: every use is evaluated slice by slice and kept until the first
/// use, visited last, completes the set.
/// </summary>
/// <remarks>
/// Costs uses x slices x parameter floats, and runs kernels on a slice at a time: right, not fast. Buffers grow to the largest
/// number of slices seen and stay.
/// </remarks>
internal sealed class SharedGradients
{
    /// <summary>First parameter's index of a set -> the set.</summary>
    private readonly Dictionary<int, SharedSet> sets = [];

    private SliceTree? slices;
    private SliceTree[] leaves = [];

    public SharedGradients(GraphPlan plan)
    {
        if (plan.Purpose != PlanPurpose.Training)
        {
            return;
        }

        foreach (IGrouping<int, Node> group in plan.Nodes.Select(node => node.Node)
            .Where(node => node.Parameters.Any(parameter => !parameter.IsFrozen))
            .GroupBy(node => node.Parameters[0].Index)
            .Where(group => group.Count() > 1))
        {
            sets.Add(group.Key, new SharedSet([.. group]));
        }
    }

    public bool Owns(Node node) => sets.Count > 0 && node.Parameters.Count > 0 && sets.ContainsKey(node.Parameters[0].Index);

    /// <summary>Before a backward pass.</summary>
    public void Begin(SliceTree tree)
    {
        if (sets.Count == 0 || ReferenceEquals(tree, slices))
        {
            return;
        }

        slices = tree;
        leaves = new SliceTree[tree.PresentLeaves];
        for (int s = 0; s < leaves.Length; s++)
        {
            leaves[s] = SliceTree.Create([tree.RowCounts[s]]);
        }
    }

    /// <summary>One use's backward call; the last one visited finishes the sums and hands them over.</summary>
    public void Visit(BackwardContext context, ForkJoinPool pool, IGradientSink sink)
    {
        Node node = context.Plan.Node;
        SharedSet set = sets[node.Parameters[0].Index];
        int use = set.UseOf(node);
        set.Reserve(leaves.Length);
        try
        {
            for (int s = 0; s < leaves.Length; s++)
            {
                context.EnterWindow(slices!.RowStarts[s], slices.RowCounts[s], leaves[s], set.Gradients(use, s));
                node.Op.BackwardParameters(context);
            }
        }
        finally
        {
            context.LeaveWindow();
        }

        if (use == 0)
        {
            set.Finish(pool, slices!, sink);
        }
    }
}
