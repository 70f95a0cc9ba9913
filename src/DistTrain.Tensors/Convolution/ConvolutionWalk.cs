namespace DistTrain.Tensors;

/// <summary>How a gradient kernel walks over the output pixels of some samples; distances in floats.</summary>
internal struct ConvolutionWalk
{
    /// <summary>From one output pixel's window to the next, in x.</summary>
    public nint Step;

    /// <summary>Added to x after a row of output pixels, whose steps have moved it by their sum already.</summary>
    public nint RowSkip;

    /// <summary>From a sample of x to the next.</summary>
    public nint SampleFloats;

    /// <summary>From a kernel row's factors to the next's, for tiles that hold more than one kernel row.</summary>
    public nint GroupStride;

    /// <summary>From one output pixel to the next, in dy.</summary>
    public nint GradientStep;

    /// <summary>Output columns times GradientStep.</summary>
    public nint RowFloats;

    /// <summary>Output rows of a sample.</summary>
    public int Rows;

    public int Samples;
}
