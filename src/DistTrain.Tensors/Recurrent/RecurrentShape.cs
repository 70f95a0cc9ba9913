namespace DistTrain.Tensors;

/// <summary>Sizes of a recurrent layer's call, the direction it walks, and where its output goes.</summary>
/// <param name="Rows">Samples.</param>
/// <param name="Steps">Time steps of a sample.</param>
/// <param name="Units">Floats of the state.</param>
public readonly record struct RecurrentShape(int Rows, int Steps, int Units)
{
    /// <summary>Walks from the last step to the first.</summary>
    public bool Reverse { get; init; }

    /// <summary>The output is the state after every step; false: after the last one walked.</summary>
    public bool Sequences { get; init; }

    /// <summary>The output's step k is the k-th walked (Keras' goBackwards); false: that of time k.</summary>
    public bool AsWalked { get; init; }

    /// <summary>Floats of one step of the output; 0: as many as there are units.</summary>
    public int OutputWidth { get; init; }

    /// <summary>Where in a step of the output the units stand.</summary>
    public int OutputOffset { get; init; }

    internal int Width => OutputWidth == 0 ? Units : OutputWidth;

    /// <summary>Floats of the output, of all its width.</summary>
    internal long OutputLength => (long)Rows * (Sequences ? Steps : 1) * Width;

    /// <summary>Time of the k-th step walked.</summary>
    internal int Time(int walked) => Reverse ? Steps - 1 - walked : walked;

    /// <summary>First float of a step in the output; -1 when that step's state isn't part of it.</summary>
    internal nint OutputAt(int row, int walked) =>
        Sequences ? ((((nint)row * Steps) + (AsWalked ? walked : Time(walked))) * Width) + OutputOffset
        : walked == Steps - 1 ? ((nint)row * Width) + OutputOffset
        : -1;
}
