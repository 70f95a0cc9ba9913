namespace DistTrain.Data;

/// <summary>What a text is cut into.</summary>
public enum TokenKind
{
    /// <summary>Characters (Unicode code points).</summary>
    Characters,

    /// <summary>Words and punctuation marks.</summary>
    Words,

    /// <summary>Runs of bytes that were merged because they are frequent (byte-pair encoding).</summary>
    BytePairs,
}
