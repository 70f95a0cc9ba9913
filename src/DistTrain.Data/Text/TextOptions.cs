namespace DistTrain.Data;

/// <summary>How a plain text becomes samples of a language model.</summary>
public sealed record TextOptions
{
    public TokenOptions Tokens { get; init; } = new();

    /// <summary>Tokens of a sample.</summary>
    public int Context { get; init; } = 64;

    /// <summary>Tokens from one training sample to the next; validation and test samples stand side by side.</summary>
    public int Stride { get; init; } = 1;
}
