using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Lines of text with a class each, as samples of a classifier.</summary>
public static class LineSet
{
    /// <summary>
    /// From a file of lines "label, tab, text", or from a file a class (a folder, or a path with a * in its last part:
    /// rt-polarity.* has the classes neg and pos). The vocabulary is that of the training part alone.
    /// </summary>
    /// <exception cref="UserError">Nothing there, a malformed line, or a part would be empty.</exception>
    public static Splits Open(string path, LineOptions options, SplitOptions split)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(split);
        LabelledLines all = LabelledLines.Open(path, options.LabelLast, null);
        PartIndices parts = PartIndices.Cut(path, all.Lines.Count, split, () => [.. all.Classes]);
        Tokenizer tokenizer = Tokenizer.Fit(options.Tokens, parts.Train.Select(index => all.Lines[index]), hasPadding: true, hasUnknown: true);
        var target = TargetDescription.ForClasses(all.ClassNames.Count, all.ClassNames);
        LineSource Part(int[] chosen) => LineSource.Encode(
            path, [.. chosen.Select(index => all.Lines[index])], tokenizer, options.Length, [.. chosen.Select(index => all.Classes[index])], target);
        return new Splits(
            Part(parts.Train),
            parts.Validation is null ? null : Part(parts.Validation),
            parts.Test is null ? null : Part(parts.Test))
        {
            Input = new LineInput(TokenizerState.Of(tokenizer), options.Length, all.ClassNames, options.LabelLast),
        };
    }
}
