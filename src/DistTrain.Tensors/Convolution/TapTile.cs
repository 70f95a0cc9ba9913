namespace DistTrain.Tensors;

/// <summary>Neighbouring target pixels of a row that one kernel call computes; offsets in floats from the row's start.</summary>
internal unsafe struct TapTile
{
    public nint Source;
    public nint Target;

    /// <summary>Index of the tile's first entry in <see cref="TapPlan.Bounds"/>.</summary>
    public int Bounds;

    public int Pixels;

    public delegate*<ConvolutionTap*, ConvolutionTap*, float*, nint, float*, float*, nint, float*, bool, void> Kernel;
}
