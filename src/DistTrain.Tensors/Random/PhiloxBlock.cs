namespace DistTrain.Tensors;

/// <summary>Four random words: those of elements 4b, 4b + 1, 4b + 2 and 4b + 3 of element block b.</summary>
public readonly record struct PhiloxBlock(uint W0, uint W1, uint W2, uint W3)
{
    /// <summary>Word of element 4b + index.</summary>
    public uint this[int index] => index switch
    {
        0 => W0,
        1 => W1,
        2 => W2,
        3 => W3,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "A block has words 0 to 3."),
    };
}
