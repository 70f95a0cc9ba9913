using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Texts of one length in tokens, filled with padding.</summary>
internal sealed class LineSource : IDataSource
{
    private readonly TokenStore tokens;
    private readonly int[]? classes;

    private LineSource(string name, TokenStore tokens, int length, int[]? classes, TargetDescription target)
    {
        Name = name;
        Count = tokens.Count / length;
        SampleShape = new Shape(length);
        Target = target;
        this.tokens = tokens;
        this.classes = classes;
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    /// <param name="name">For messages.</param>
    /// <param name="lines">At least one.</param>
    /// <param name="tokenizer">Has padding, and an id for everything.</param>
    /// <param name="length">Tokens of a sample.</param>
    /// <param name="classes">One a line, or null.</param>
    /// <param name="target">What they mean.</param>
    public static LineSource Encode(string name, IReadOnlyCollection<string> lines, Tokenizer tokenizer, int length, int[]? classes, TargetDescription target)
    {
        var ids = new List<int>(checked(lines.Count * length));
        var line = new List<int>();
        foreach (string text in lines)
        {
            line.Clear();
            if (tokenizer.Encode(text, line) >= 0)
            {
                throw new InvalidOperationException($"The tokenizer of {name} has no id for \"{text}\".");
            }

            ids.AddRange(line.Take(length));
            ids.AddRange(Enumerable.Repeat(tokenizer.Padding!.Value, Math.Max(0, length - line.Count)));
        }

        return new LineSource(name, new TokenStore(ids, tokenizer.Count), length, classes, target);
    }

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int length = SampleShape[0];
        for (int row = 0; row < indices.Length; row++)
        {
            ReadCheck.Index(this, indices[row]);
            tokens.Read(indices[row] * length, features.Slice(row * length, length));
        }

        for (int row = 0; classes is not null && row < targets.Length; row++)
        {
            targets[row] = classes[indices[row]];
        }
    }
}
