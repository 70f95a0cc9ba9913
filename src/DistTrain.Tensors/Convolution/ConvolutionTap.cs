namespace DistTrain.Tensors;

/// <summary>One step of a taps kernel: Run consecutive floats of each pixel's source times Run rows of the weight panel.</summary>
internal struct ConvolutionTap
{
    /// <summary>Floats from the tile's first source pixel to the first factor.</summary>
    public nint Source;

    /// <summary>First row of the packed weights.</summary>
    public nint Row;

    /// <summary>Factors, at least 1.</summary>
    public nint Run;

    /// <summary>0: all pixels of the tile; n: all but the first n; -n: all but the last n.</summary>
    public int Skip;
}
