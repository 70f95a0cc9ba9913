namespace DistTrain.Tensors;

/// <summary>Arguments of one call, on the caller's stack while the pool runs.</summary>
internal unsafe struct RecurrentCall
{
    public RecurrentShape Shape;
    public RecurrentSizes Sizes;
    public float* Kernel;

    /// <summary>Of the recurrent product; null for none.</summary>
    public float* Bias;

    /// <summary>[rows, steps]; null when every step is there.</summary>
    public float* Mask;

    public float* Gates;
    public float* Previous;
    public float* Extra;

    /// <summary>Output, or its gradient.</summary>
    public float* Output;

    /// <summary>Gates of the first product: all but the last where that has a product of its own.</summary>
    public int ProductGates;

    /// <summary>Factor of the first product: kernel or transposed kernel, of its gates' columns.</summary>
    public float* First;

    /// <summary>The same of the last gate, where it has a product of its own.</summary>
    public float* Second;

    public int BlockRows;
    public int Width;

    public readonly bool IsThere(int row, int step) => Mask == null || Mask[((nint)row * Shape.Steps) + Shape.Time(step)] != 0;
}
