namespace DistTrain.Graph;

/// <summary>What <see cref="Op.Forward"/> sees.</summary>
public sealed class ForwardContext : OpContext
{
    internal ForwardContext(ExecutionState state, NodePlan plan)
        : base(state, plan)
    {
    }

    /// <summary>[Rows, OutputShape], to be overwritten; input 0's memory if the op allows <see cref="Op.ForwardInPlace"/>.</summary>
    public Span<float> Output => State.ValueForWriting(Plan);

    /// <summary>The op must apply relu to its result, as the relu node after it would have; only where <see cref="Op.CanFuseRelu"/>.</summary>
    public bool FuseRelu => Plan.FuseRelu;

    /// <summary>The slices of the rows: only in plans that train, and only for ops that take statistics of a slice.</summary>
    public Tensors.SliceTree Slices() => State.Run.Slices
        ?? throw new InvalidOperationException($"'{Plan.Node.Name}' takes statistics of a slice: the run must say what the slices are (ForwardRun.Slices).");

    public override Span<float> Scratch => State.Arena(Plan.ForwardScratch, Plan.ScratchPerSample, Rows);
}
