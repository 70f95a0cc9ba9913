using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Text to ids from 0 and back, with what was fitted on a training text. Immutable.</summary>
public abstract class Tokenizer
{
    /// <summary>Ids that stand for no text come first: padding as 0 where there is padding, then unknown.</summary>
    private protected Tokenizer(bool hasPadding, bool hasUnknown, bool lowercase)
    {
        Padding = hasPadding ? 0 : null;
        Unknown = hasUnknown ? (hasPadding ? 1 : 0) : null;
        Lowercase = lowercase;
    }

    public abstract TokenKind Kind { get; }

    /// <summary>Size of the vocabulary: ids are 0 to Count - 1.</summary>
    public abstract int Count { get; }

    /// <summary>The id that fills what is too short, or null.</summary>
    public int? Padding { get; }

    /// <summary>The id of everything the vocabulary doesn't have, or null: then such text is refused.</summary>
    public int? Unknown { get; }

    /// <summary>Text is made lower case (invariant) before it is cut.</summary>
    public bool Lowercase { get; }

    /// <summary>Appends the ids of a text.</summary>
    /// <returns>-1, or where in the text something stands that has no id; nothing is appended from there on.</returns>
    public int Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (!Lowercase)
        {
            return EncodeCore(text, ids);
        }

        char[] lower = new char[text.Length];
        text.ToLowerInvariant(lower);
        return EncodeCore(lower, ids);
    }

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Any length.</param>
    /// <param name="name">How errors name it.</param>
    /// <exception cref="UserError">It has something without an id; the message names line and column.</exception>
    public int[] Encode(string text, string name = "text")
    {
        var ids = new List<int>();
        int stop = Encode(text, ids);
        return stop < 0 ? [.. ids] : throw NoId(name, text, stop);
    }

    /// <summary>The text of ids, as near as the vocabulary allows; padding gives nothing.</summary>
    /// <exception cref="UserError">An id is beyond the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)Count)
            {
                throw new UserError($"token {i} is {ids[i]}; allowed 0 to {Count - 1}, the vocabulary");
            }
        }

        return DecodeCore(ids);
    }

    /// <summary>A tokenizer that knows a training text.</summary>
    /// <param name="options">What kind and how large.</param>
    /// <param name="texts">The training part alone; walked once.</param>
    /// <param name="hasPadding">Reserve id 0 for padding.</param>
    /// <param name="hasUnknown">Reserve an id for what isn't known; words always have one, byte pairs need none.</param>
    public static Tokenizer Fit(TokenOptions options, IEnumerable<string> texts, bool hasPadding, bool hasUnknown)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(texts);
        return options.Kind switch
        {
            TokenKind.Characters => CharacterTokenizer.Fit(texts, hasPadding, hasUnknown, options),
            TokenKind.Words => WordTokenizer.Fit(texts, hasPadding, options),
            _ => BytePairTokenizer.Fit(texts, hasPadding, options),
        };
    }

    internal static UserError NoId(string name, ReadOnlySpan<char> text, int stop)
    {
        (int line, int column) = TextContent.Place(text, stop);
        return new UserError($"{name}:{line}:{column}: found {TextContent.Show(text, stop)}; allowed: what the training text has");
    }

    private protected abstract int EncodeCore(ReadOnlySpan<char> text, List<int> ids);

    private protected abstract string DecodeCore(ReadOnlySpan<int> ids);
}
