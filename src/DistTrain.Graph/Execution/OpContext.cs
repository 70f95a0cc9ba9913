using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>What an op sees of a run, in either direction: its values, its parameters and who is in the batch.</summary>
/// <remarks>Spans are row-major [Rows, shape] and valid until the call of the op returns.</remarks>
public abstract class OpContext
{
    private protected OpContext(ExecutionState state, NodePlan plan)
    {
        State = state;
        Plan = plan;
    }

    /// <summary>Samples of this call.</summary>
    public int Rows => WindowRows < 0 ? State.Rows : WindowRows;

    /// <summary>Threads for kernels.</summary>
    public ForkJoinPool Pool => State.Pool;

    /// <summary>True in plans that train.</summary>
    public bool Training => State.Plan.Purpose == PlanPurpose.Training;

    public int InputCount => Plan.Node.Inputs.Count;

    /// <summary>Shape of one sample's output.</summary>
    public Shape OutputShape => Plan.Node.Shape;

    /// <summary>As many floats as <see cref="Op.ScratchPerSample"/> asked for, times rows; what is in it is undefined.</summary>
    public abstract Span<float> Scratch { get; }

    /// <summary>The job's seed.</summary>
    public ulong Seed => State.Run.Seed;

    /// <summary>Walks over the data before this one.</summary>
    public int Pass => State.Run.Pass;

    /// <summary>The random stream of this node: the hash of its name.</summary>
    public uint RandomStream => Plan.RandomStream;

    /// <summary>Data-set index of each row; empty where the caller gave none, which plans that train don't allow.</summary>
    public ReadOnlySpan<int> SampleIndices =>
        State.Run.SampleIndices.IsEmpty ? default : State.Run.SampleIndices.Span.Slice(FirstRow, Rows);

    /// <summary>For losses: [Rows, target].</summary>
    public ReadOnlySpan<float> Target => State.Run.Targets.Span.Slice(FirstRow * Plan.TargetLength, Rows * Plan.TargetLength);

    /// <summary>For losses: the weight of each row, or empty where all weigh 1.</summary>
    public ReadOnlySpan<float> SampleWeights =>
        State.Run.SampleWeights.IsEmpty ? default : State.Run.SampleWeights.Span.Slice(FirstRow, Rows);

    /// <summary>Shape of one sample of an input.</summary>
    public Shape InputShape(int index) => Plan.Node.Inputs[index].Shape;

    /// <summary>[Rows, InputShape]. In backward only for ops whose <see cref="Op.Reads"/> says so.</summary>
    public ReadOnlySpan<float> Input(int index) => State.ValueOf(Plan.Node.Inputs[index], FirstRow, Rows);

    /// <summary>An input carries a mask and the op takes masks.</summary>
    public bool HasMask(int index = 0) => Plan.Node.InputMasks is { Length: > 0 } masks && masks[index] is not null;

    /// <summary>
    /// [Rows, positions] of an input that has one: 1 where the position is there, 0 where it is padding. In both directions, for ops
    /// with <see cref="Op.TakesMask"/>.
    /// </summary>
    public ReadOnlySpan<float> Mask(int index = 0) => State.ValueOf(Plan.Node.InputMasks[index]!, FirstRow, Rows);

    /// <summary>[Rows, as many as the op asked for], kept from forward to backward; by place in <see cref="Op.KeptPerSample"/>.</summary>
    public Span<float> Kept(int index)
    {
        int length = Plan.KeptPerSample[index];
        return State.Arena(Plan.Kept[index], length, State.Rows).Slice(FirstRow * length, Rows * length);
    }

    /// <summary>A parameter that training doesn't change; it needs no gradient.</summary>
    public bool IsFrozen(int index) => Plan.Node.Parameters[index].IsFrozen;

    /// <summary>Values of a parameter, by its place in <see cref="Op.Declare"/>.</summary>
    public ReadOnlySpan<float> Parameter(int index) => State.ParameterOf(Plan.Node.Parameters[index]);

    internal ExecutionState State { get; }

    internal NodePlan Plan { get; }

    /// <summary>First row of the window that this call sees; 0 unless a shared parameter's slices are visited one by one.</summary>
    internal int FirstRow { get; set; }

    /// <summary>Rows of the window; -1 for all of the run.</summary>
    private protected int WindowRows { get; set; } = -1;
}
