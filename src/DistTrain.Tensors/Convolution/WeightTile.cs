namespace DistTrain.Tensors;

/// <summary>Weights that one gradient kernel call sums: Rows consecutive rows of [ky, kx, ci] times one panel of channels.</summary>
internal unsafe struct WeightTile
{
    public delegate*<ConvolutionWalk*, float*, float*, float*, bool, int, void> Kernel;

    /// <summary>Floats from a window's first position in the padded x to the tile's first factor.</summary>
    public nint Source;

    /// <summary>First row of dw as a matrix [ky kx ci, co].</summary>
    public int Row;

    public int Rows;

    /// <summary>First output channel of the panel.</summary>
    public int Channel;

    /// <summary>Floats of a tile's row, a whole number of vectors.</summary>
    public int Width;

    /// <summary>Channels of the panel that exist.</summary>
    public int Valid;

    /// <summary>Floats of the tiles before this one.</summary>
    public int Before;

    public readonly int Floats => Rows * Width;
}
