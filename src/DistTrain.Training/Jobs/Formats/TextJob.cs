using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("text", "A plain text (UTF-8) for language models: a sample is a window of tokens, its target at each position the next token. Parts are cut in time.")]
public sealed record TextJob : FormatJob
{
    [JobKey("What the text is cut into.")]
    public TokenKind Tokens { get; init; } = TokenKind.Characters;

    [JobKey("Tokens of a sample.", Min = 1, Max = 1 << 20)]
    public int Context { get; init; } = 64;

    [JobKey("Tokens from one training sample to the next; those of the other parts stand side by side.", Min = 1, Max = 1 << 20)]
    public int Stride { get; init; } = 1;

    [JobKey("Most words or byte pairs that have an id of their own.", Min = 2, Max = 1 << 20)]
    public int Vocabulary { get; init; } = 10_000;

    [JobKey("Rarer words and characters are unknown.", Min = 1, Max = 1_000_000)]
    public int MinCount { get; init; } = 1;

    [JobKey("Makes the text lower case first.")]
    public bool Lowercase { get; init; }

    internal override JobData Open(string path, Job job) => Whole(
        TextSet.Open(
            path,
            new TextOptions { Tokens = new TokenOptions { Kind = Tokens, VocabularyMax = Vocabulary, CountMin = MinCount, Lowercase = Lowercase }, Context = Context, Stride = Stride },
            SplitInTime(job, "text")),
        job,
        "text");
}
