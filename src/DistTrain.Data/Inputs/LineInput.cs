using System.Text.Json.Serialization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Lines of text, each one sample.</summary>
public sealed class LineInput : InputFormat
{
    private const int LengthMax = 1 << 20;

    /// <param name="tokens">The vocabulary, with padding and an id for everything.</param>
    /// <param name="length">Tokens of a sample.</param>
    /// <param name="classNames">By class index.</param>
    /// <param name="labelLast">In files with tabs, the label stands behind the last one.</param>
    /// <exception cref="UserError">The vocabulary is damaged.</exception>
    public LineInput(TokenizerState tokens, int length, IReadOnlyList<string> classNames, bool labelLast)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Tokens = tokens;
        Length = length is >= 1 and <= LengthMax ? length : throw new UserError($"length: found {length}; allowed: 1 to {LengthMax}");
        ClassNames = classNames.Count > 0 ? classNames : throw new UserError("classNames: found none; allowed: at least one");
        LabelLast = labelLast;
        Tokenizer = tokens.ToTokenizer();
        if (Tokenizer.Padding is null || (Tokenizer.Unknown is null && Tokenizer.Kind != TokenKind.BytePairs))
        {
            throw new UserError("vocabulary: has no id for padding or for what is unknown; lines need both");
        }
    }

    public TokenizerState Tokens { get; }

    /// <summary>Tokens of a sample.</summary>
    public int Length { get; }

    public IReadOnlyList<string> ClassNames { get; }

    public bool LabelLast { get; }

    [JsonIgnore]
    public Tokenizer Tokenizer { get; }

    [JsonIgnore]
    public override Shape SampleShape => new(Length);

    [JsonIgnore]
    public override int Vocabulary => Tokenizer.Count;

    public override IDataSource Open(string path)
    {
        LabelledLines all = LabelledLines.Open(path, LabelLast, ClassNames);
        return LineSource.Encode(path, all.Lines, Tokenizer, Length, [.. all.Classes], TargetDescription.ForClasses(ClassNames.Count, ClassNames));
    }

    public override IDataSource Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = new List<string>();
        while (text.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                lines.Add(line);
            }
        }

        return lines.Count > 0
            ? LineSource.Encode(name, lines, Tokenizer, Length, null, TargetDescription.None)
            : throw new UserError($"{name}: holds no text; allowed: a text a line");
    }
}
