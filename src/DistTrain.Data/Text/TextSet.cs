using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A plain text as samples of a language model: a window of tokens, and at each position the token that comes next.</summary>
public static class TextSet
{
    /// <summary>
    /// Cuts a text in time: the last tokens are the test part, those before it the validation part; a part of fraction f begins at
    /// token ⌊(1 - f) n⌋. Samples of the training part begin at every <see cref="TextOptions.Stride"/>-th token, those of the other
    /// parts stand side by side. Characters are those of the whole text; words and byte pairs are learnt from the training part alone.
    /// </summary>
    /// <exception cref="UserError">The file is no text, or a part is shorter than a window.</exception>
    public static Splits Open(string path, TextOptions options, SplitOptions split)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(split);
        string text = TextContent.Read(path);
        bool ofCharacters = options.Tokens.Kind == TokenKind.Characters;

        // Words and byte pairs cut the text where its characters are cut; tokens then don't reach over the border either.
        int testAt = ofCharacters ? text.Length : Border(text, text.Length, split.TestFraction);
        int validationAt = ofCharacters ? testAt : Border(text, testAt, split.ValidationFraction);
        Tokenizer tokenizer = Tokenizer.Fit(options.Tokens, [ofCharacters ? text : text[..validationAt]], hasPadding: false, hasUnknown: false);
        var ids = new List<int>();
        int train = Append(tokenizer, path, text, 0, validationAt, ids);
        int validation = Append(tokenizer, path, text, validationAt, testAt, ids);
        _ = Append(tokenizer, path, text, testAt, text.Length, ids);
        if (ofCharacters)
        {
            validation = (int)((1 - split.TestFraction) * ids.Count);
            train = (int)((1 - split.ValidationFraction) * validation);
        }

        var tokens = new TokenStore(ids, tokenizer.Count);
        IDataSource Part(string what, int first, int end, int stride) => TokenWindowSource.CountOf(end - first, options.Context, stride) > 0
            ? new TokenWindowSource(path, tokens, first, end - first, options.Context, stride, tokenizer.Count)
            : throw new UserError($"{path}: its {what} part has {end - first} tokens; a window of context {options.Context} and its targets need {options.Context + 1}");
        IDataSource training = Part("training", 0, train, options.Stride);
        return new Splits(
            split.Limit is { } limit ? Splits.First(training, limit) : training,
            validation > train ? Part("validation", train, validation, options.Context) : null,
            ids.Count > validation ? Part("test", validation, ids.Count, options.Context) : null)
        {
            Input = new TextInput(TokenizerState.Of(tokenizer), options.Context),
        };
    }

    /// <summary>Where a part of whole words ends: at the last blank before its share of the characters, if there is one.</summary>
    private static int Border(string text, int length, double fraction)
    {
        int border = (int)((1 - fraction) * length);
        int blank = border;
        while (blank > 0 && blank < text.Length && !char.IsWhiteSpace(text[blank]))
        {
            blank--;
        }

        return blank > 0 ? blank : border;
    }

    /// <summary>How many ids there are with those of a piece of the text.</summary>
    private static int Append(Tokenizer tokenizer, string path, string text, int start, int end, List<int> ids)
    {
        int stop = tokenizer.Encode(text.AsSpan(start, end - start), ids);
        return stop < 0 ? ids.Count : throw Tokenizer.NoId(path, text, start + stop);
    }
}
