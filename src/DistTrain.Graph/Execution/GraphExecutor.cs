using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Runs batches through a plan: forward, then, in plans that train, backward. Owns one arena; nothing is allocated per step once
/// the first one ran. What a sample gives doesn't depend on which others are in the batch, nor on threads.
/// </summary>
/// <remarks>One caller at a time, as its pool. The executor never writes to inputs, targets or parameters.</remarks>
public sealed class GraphExecutor
{
    private readonly ExecutionState state;
    private readonly ForwardContext[] forward;
    private readonly BackwardContext[] backward;
    private readonly SharedGradients shared;

    /// <summary>By place in the plan: frozen parameters whose first user stands there, which get a gradient of +0.</summary>
    private readonly int[][] frozen;
    private bool ranForward;
    private bool ranBackward;

    public GraphExecutor(GraphPlan plan, ForkJoinPool pool)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(pool);
        state = new ExecutionState(plan, pool);
        forward = Array.ConvertAll(plan.Nodes, node => new ForwardContext(state, node));
        backward = Array.ConvertAll(plan.Nodes, node => new BackwardContext(state, node));
        shared = new SharedGradients(plan);
        var seen = new HashSet<int>();
        frozen = Array.ConvertAll(plan.Nodes, node =>
            (int[])[.. node.Node.Parameters.Where(parameter => parameter.IsFrozen && seen.Add(parameter.Index)).Select(parameter => parameter.Index)]);
    }

    public GraphPlan Plan => state.Plan;

    /// <summary>Samples of the last forward pass.</summary>
    public int Rows => ranForward ? state.Rows : 0;

    /// <summary>[Rows, output shape] of the last forward pass of a plan for prediction; overwritten by the next.</summary>
    public ReadOnlySpan<float> Prediction => Plan.Purpose == PlanPurpose.Prediction
        ? state.ValueOf(Plan.Target, 0, Rows)
        : throw new InvalidOperationException($"A plan for {Plan.Purpose} ends at the loss: predictions need GraphPlan.ForPrediction.");

    /// <summary>[Rows, <see cref="Loss.StatisticCount"/>] of the last forward pass to a loss: one row per sample.</summary>
    public ReadOnlySpan<float> SampleStatistics => Plan.Purpose != PlanPurpose.Prediction
        ? state.ValueOf(Plan.Target, 0, Rows)
        : throw new InvalidOperationException("A plan for prediction has no loss.");

    /// <summary>[Rows, shape] of what the loss takes, after a forward pass to the loss.</summary>
    public ReadOnlySpan<float> LossInput => Plan.Purpose != PlanPurpose.Prediction
        ? state.ValueOf(Plan.Target.Inputs[0], 0, Rows)
        : throw new InvalidOperationException("A plan for prediction has no loss.");

    /// <summary>What each cell of the last forward pass counts in the denominators: 0 for padding, 1 without weights.</summary>
    /// <param name="shares">[Rows, cells of the loss].</param>
    public void FillShares(Span<float> shares) => ((Loss)Plan.Target.Op).Shares(Array.Find(forward, context => context.Plan.Node == Plan.Target)!, shares);

    /// <summary>Test hook: fills the arena before a forward pass, so that what is read before it is written shows.</summary>
    internal void Poison(float value) => state.WholeArena.Fill(value);

    /// <summary>Computes the output or the loss of each sample. Waits at the gate right before a node first needs a parameter.</summary>
    /// <exception cref="ArgumentException">A buffer has another length than rows and shapes ask for.</exception>
    /// <exception cref="UserError">A target is no class.</exception>
    public void Forward(in ForwardRun run)
    {
        RunCheck.Check(Plan, run);
        ranForward = false;
        state.Begin(run);
        for (int p = 0; p < forward.Length; p++)
        {
            NodePlan plan = forward[p].Plan;
            if (!plan.RunsForward)
            {
                continue;
            }

            for (int i = 0; i < plan.Node.Parameters.Count; i++)
            {
                state.Admit(plan.Node.Parameters[i]);
            }

            plan.Node.Op.Forward(forward[p]);
        }

        ranForward = true;
        ranBackward = false;
    }

    /// <summary>
    /// The statistics of the last forward pass, before or after its backward pass, summed per slice and up the tree: loss, metric and weight, named by
    /// <see cref="Loss.StatisticNames"/>. Unnormalised: divide by the last.
    /// </summary>
    /// <param name="slices">Over exactly the rows of the pass.</param>
    /// <param name="sums"><see cref="Loss.StatisticCount"/> floats.</param>
    public void SumStatistics(SliceTree slices, Span<float> sums)
    {
        CheckSlices(slices);
        Reductions.SumRowsSliced(state.Pool, slices, Loss.StatisticCount, SampleStatistics, sums);
    }

    /// <summary>
    /// Gradients of the summed loss of the last forward pass with respect to every parameter, each as tree sum over the slices,
    /// unnormalised. Handed to the sink parameter by parameter, last layers first. Once per forward pass.
    /// </summary>
    /// <param name="slices">Over exactly the rows of the pass.</param>
    /// <param name="sink">Says where gradients go, and hears of each that is complete.</param>
    public void Backward(SliceTree slices, IGradientSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        CheckSlices(slices);
        if (Plan.Purpose != PlanPurpose.Training)
        {
            throw new InvalidOperationException($"A plan for {Plan.Purpose} keeps no values for backward.");
        }

        if (ranBackward)
        {
            throw new InvalidOperationException("This forward pass had its backward pass: values it needs were overwritten.");
        }

        if (state.Run.Slices is { } seen && seen != slices)
        {
            throw new ArgumentException("The forward pass was of other slices.", nameof(slices));
        }

        ranBackward = true;
        state.Slices = slices;
        state.Sink = sink;
        shared.Begin(slices);
        for (int p = backward.Length - 1; p >= 0; p--)
        {
            NodePlan plan = backward[p].Plan;
            if (plan.HasGradient)
            {
                RunBackward(backward[p], plan, sink);
            }

            foreach (int parameter in frozen[p])
            {
                sink.Destination(parameter).Clear();
                sink.Complete(parameter);
            }
        }

        state.Sink = null;
    }

    private void RunBackward(BackwardContext context, NodePlan plan, IGradientSink sink)
    {
        AddShares(plan);
        Node node = plan.Node;
        if (shared.Owns(node))
        {
            shared.Visit(context, state.Pool, sink);
        }
        else if (node.Parameters.Count > 0)
        {
            CompleteParameters(context, node, sink);
        }

        if (plan.RunsBackward)
        {
            node.Op.Backward(context);
        }
    }

    private static void CompleteParameters(BackwardContext context, Node node, IGradientSink sink)
    {
        bool computed = false;
        for (int i = 0; i < node.Parameters.Count; i++)
        {
            if (node.Parameters[i].IsFrozen)
            {
                continue;
            }

            if (!computed)
            {
                node.Op.BackwardParameters(context);
                computed = true;
            }

            sink.Complete(node.Parameters[i].Index);
        }
    }

    /// <summary>A value used by several nodes: ((first + second) + third) ..., in graph order of the users.</summary>
    private void AddShares(NodePlan plan)
    {
        foreach (int share in plan.FurtherShares)
        {
            int length = plan.Node.Shape.Length;
            Span<float> sum = state.Arena(plan.OutputGradient, length, state.Rows);
            Elementwise.Add(state.Pool, sum, state.Arena(share, length, state.Rows), sum);
        }
    }

    private void CheckSlices(SliceTree slices)
    {
        ArgumentNullException.ThrowIfNull(slices);
        if (!ranForward)
        {
            throw new InvalidOperationException("A forward pass must come first.");
        }

        if (slices.Rows != state.Rows)
        {
            throw new ArgumentException($"The slices cover {slices.Rows} rows, the pass had {state.Rows}.", nameof(slices));
        }
    }
}
