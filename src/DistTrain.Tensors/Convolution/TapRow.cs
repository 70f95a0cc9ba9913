namespace DistTrain.Tensors;

/// <summary>One row of the target.</summary>
internal struct TapRow
{
    /// <summary>Floats from the sample's start to the source row that taps with shift 0 meet; may lie outside.</summary>
    public nint Source;

    /// <summary>The tap rows that exist here: [First, End).</summary>
    public int First;

    public int End;
}
