using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>What one forward pass works on. All memory must stay as it is until the backward pass has returned.</summary>
public readonly record struct ForwardRun
{
    /// <summary>Samples, 1 to the plan's MaxRows.</summary>
    public required int Rows { get; init; }

    /// <summary>One per input node, in graph order, each [Rows, shape].</summary>
    public required ReadOnlyMemory<float>[] Inputs { get; init; }

    /// <summary>[Rows, target shape of the loss]; empty in predictions. Classes are numbers 0, 1, 2, ...</summary>
    public ReadOnlyMemory<float> Targets { get; init; }

    /// <summary>Weight of each row in the loss, 0 or more; empty: all weigh 1.</summary>
    public ReadOnlyMemory<float> SampleWeights { get; init; }

    /// <summary>
    /// Values by <see cref="Parameter.Index"/>. An entry is read after <see cref="IParameterGate.WaitFor"/> returned for it, so
    /// the gate may put it there.
    /// </summary>
    public required ReadOnlyMemory<float>[] Parameters { get; init; }

    /// <summary>The slices of the rows: ops that take statistics of a slice need them in plans that train; others don't look.</summary>
    public SliceTree? Slices { get; init; }

    /// <summary>Null: all parameters are there.</summary>
    public IParameterGate? Gate { get; init; }

    /// <summary>Data-set index of each row: keys dropout. Only plans that train read it.</summary>
    public ReadOnlyMemory<int> SampleIndices { get; init; }

    /// <summary>The job's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Walks over the data before this one.</summary>
    public int Pass { get; init; }
}
