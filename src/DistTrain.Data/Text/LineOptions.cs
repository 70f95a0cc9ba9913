namespace DistTrain.Data;

/// <summary>How lines of text with a class become samples.</summary>
public sealed record LineOptions
{
    public TokenOptions Tokens { get; init; } = new() { Kind = TokenKind.Words, Lowercase = true };

    /// <summary>Tokens of a sample: longer texts are cut at the end, shorter ones filled with padding, id 0.</summary>
    public int Length { get; init; } = 64;

    /// <summary>In a file with tabs, the label stands behind the last tab instead of before the first.</summary>
    public bool LabelLast { get; init; }
}
