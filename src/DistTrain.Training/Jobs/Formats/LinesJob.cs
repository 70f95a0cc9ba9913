using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("lines", "A text a line with a class each: a file of lines \"label, tab, text\", or a file a class (a folder, or a path with a * in its last part).")]
public sealed record LinesJob : FormatJob
{
    [JobKey("What a text is cut into.")]
    public TokenKind Tokens { get; init; } = TokenKind.Words;

    [JobKey("Tokens of a sample: longer texts are cut, shorter ones filled with padding, which is 0.", Min = 1, Max = 1 << 20)]
    public int Length { get; init; } = 64;

    [JobKey("Most ids of words or byte pairs, those of padding and unknown included.", Min = 3, Max = 1 << 20)]
    public int Vocabulary { get; init; } = 10_000;

    [JobKey("Words and characters that are rarer in the training part are unknown.", Min = 1, Max = 1_000_000)]
    public int MinCount { get; init; } = 1;

    [JobKey("Makes texts lower case first.")]
    public bool Lowercase { get; init; } = true;

    [JobKey("Where the label stands in a file with tabs.")]
    public LabelPlace Label { get; init; } = LabelPlace.First;

    internal override JobData Open(string path, Job job) => Whole(
        LineSet.Open(
            path,
            new LineOptions
            {
                Tokens = new TokenOptions { Kind = Tokens, VocabularyMax = Vocabulary, CountMin = MinCount, Lowercase = Lowercase },
                Length = Length,
                LabelLast = Label == LabelPlace.Last,
            },
            Split(job)),
        job,
        "lines");
}
