using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>What <see cref="Op.BackwardParameters"/> and <see cref="Op.Backward"/> see.</summary>
public sealed class BackwardContext : OpContext
{
    private SliceTree? scaledFrom;
    private SliceTree? scaled;
    private int scaledBy;
    private SliceTree? windowSlices;
    private Memory<float>[]? windowGradients;

    internal BackwardContext(ExecutionState state, NodePlan plan)
        : base(state, plan)
    {
    }

    /// <summary>[Rows, OutputShape], the value of the forward pass; only for ops whose <see cref="Op.Reads"/> says so.</summary>
    public ReadOnlySpan<float> Output => State.ValueOf(Plan.Node, FirstRow, Rows);

    /// <summary>[Rows, OutputShape]: d loss / d output. <see cref="Op.Backward"/> may overwrite it.</summary>
    public Span<float> OutputGradient
    {
        get
        {
            int length = Plan.Node.Shape.Length;
            return State.Arena(Plan.OutputGradient, length, State.Rows).Slice(FirstRow * length, Rows * length);
        }
    }

    public override Span<float> Scratch => State.Arena(Plan.BackwardScratch, Plan.ScratchPerSample, Rows);

    /// <summary>False when nothing that can be trained lies behind the input: its gradient is not computed.</summary>
    public bool WantsInputGradient(int index) => Plan.InputGradients[index] >= 0;

    /// <summary>[Rows, InputShape], to be overwritten; OutputGradient's memory for input 0 if the op allows <see cref="Op.BackwardInPlace"/>.</summary>
    public Span<float> InputGradient(int index) =>
        State.Arena(Plan.InputGradients[index], Plan.Node.Inputs[index].Shape.Length, Rows);

    /// <summary>Where the tree sum of a parameter's gradient goes, by its place in <see cref="Op.Declare"/>; to be overwritten.</summary>
    public Span<float> ParameterGradient(int index) => windowGradients is null
        ? State.Sink!.Destination(Plan.Node.Parameters[index].Index)
        : windowGradients[index].Span;

    /// <summary>The slices of the rows, or of rows · factor when a sample counts as several (positions of an image).</summary>
    public SliceTree Slices(int factor = 1)
    {
        SliceTree slices = windowSlices ?? State.Slices!;
        if (factor == 1)
        {
            return slices;
        }

        // Batches repeat their tree, so scaling it once is enough; a new one is scaled when it comes.
        if (!ReferenceEquals(scaledFrom, slices) || scaledBy != factor)
        {
            scaled = slices.Scale(factor);
            scaledFrom = slices;
            scaledBy = factor;
        }

        return scaled!;
    }

    /// <summary>The weights of a slice's samples, added in order: what divides sums over samples at the end, summed over all slices.</summary>
    /// <param name="leaf">Among the present leaves of <see cref="Slices"/>.</param>
    public float SliceWeight(int leaf)
    {
        SliceTree slices = Slices();
        ReadOnlySpan<float> statistics = State.ValueOf(State.Plan.Target, FirstRow, Rows);
        float sum = 0;
        for (int row = slices.RowStarts[leaf]; row < slices.RowStarts[leaf] + slices.RowCounts[leaf]; row++)
        {
            sum += statistics[(row * Loss.StatisticCount) + Loss.WeightColumn];
        }

        return sum;
    }

    /// <summary>Shows the op one slice alone, with its gradients going elsewhere.</summary>
    internal void EnterWindow(int firstRow, int rows, SliceTree slices, Memory<float>[] gradients)
    {
        FirstRow = firstRow;
        WindowRows = rows;
        windowSlices = slices;
        windowGradients = gradients;
    }

    internal void LeaveWindow()
    {
        FirstRow = 0;
        WindowRows = -1;
        windowSlices = null;
        windowGradients = null;
    }
}
