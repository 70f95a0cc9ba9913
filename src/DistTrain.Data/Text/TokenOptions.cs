namespace DistTrain.Data;

/// <summary>How a text is cut into tokens.</summary>
public sealed record TokenOptions
{
    public TokenKind Kind { get; init; }

    /// <summary>Most ids of words or byte pairs, those of padding and unknown included; the most frequent are kept.</summary>
    public int VocabularyMax { get; init; } = 10_000;

    /// <summary>Words or characters that are rarer in the training part are unknown.</summary>
    public int CountMin { get; init; } = 1;

    public bool Lowercase { get; init; }
}
