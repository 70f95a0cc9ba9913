using System.Text;
using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Data.Tests;

public sealed class LineSetTests : IDisposable
{
    private static readonly LineOptions Short = new() { Length = 4 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_with_tabs_gives_classes_by_name_and_padded_texts()
    {
        Splits splits = LineSet.Open(Write("set.tsv", "pos\tgood film\nneg\tbad\n\npos\tgood good good good good\n"), Short, new SplitOptions());
        Assert.Equal(["neg", "pos"], splits.Train.Target.ClassNames!);
        Assert.Equal([1, 0, 1], splits.Train.ReadClasses());
        float[] features = new float[12];
        splits.Train.Read([0, 1, 2], features, []);

        // good 6 times; bad and film once, in ordinal order; 0 is padding, 1 unknown.
        Assert.Equal([2f, 4, 0, 0, 3, 0, 0, 0, 2, 2, 2, 2], features);
    }

    [Fact]
    public void Files_of_one_stem_are_classes_by_their_endings()
    {
        Write("films.pos", "good\nfine\n");
        Write("films.neg", "bad\n");
        Write("other.txt", "ignored\n");
        Splits splits = LineSet.Open(folder.File("films.*"), Short, new SplitOptions());
        Assert.Equal(["neg", "pos"], splits.Train.Target.ClassNames!);
        Assert.Equal([0, 1, 1], splits.Train.ReadClasses());
    }

    [Fact]
    public void The_vocabulary_is_that_of_the_training_part_alone()
    {
        string[] words = [.. Enumerable.Range(0, 40).Select(i => $"word{(char)('a' + (i / 26))}{(char)('a' + (i % 26))}")];
        Splits splits = LineSet.Open(Write("set.tsv", string.Join('\n', words.Select((word, i) => $"{i % 2}\t{word}"))), Short, new SplitOptions { ValidationFraction = 0.25 });
        Assert.Equal((30, 10), (splits.Train.Count, splits.Validation!.Count));
        Assert.Equal(32, splits.Input!.Vocabulary);
        float[] features = new float[4];
        for (int i = 0; i < 10; i++)
        {
            splits.Validation.Read(i, features, []);
            Assert.Equal([1f, 0, 0, 0], features);
        }
    }

    [Theory]
    [InlineData("pos good", ":1:1: found no tab; allowed: label, a tab, text")]
    [InlineData("pos\tgood\nneg\t \n", ":2:4: found an empty label or text; allowed: label, a tab, text")]
    [InlineData("\n\n", ": found 0 different labels; allowed: 1 to 65536")]
    public void A_malformed_line_is_named(string text, string expected)
    {
        string path = Write("set.tsv", text);
        Assert.Equal(path + expected, Assert.Throws<UserError>(() => LineSet.Open(path, Short, new SplitOptions())).Message);
    }

    [Fact]
    public void A_class_that_training_had_not_is_named_with_its_line()
    {
        InputFormat input = LineSet.Open(Write("set.tsv", "pos\tgood\nneg\tbad\n"), Short, new SplitOptions()).Input!;
        string path = Write("other.tsv", "pos\tgood\nmixed\tboth\n");
        Assert.Equal($"{path}:2:1: found the class \"mixed\"; allowed: neg, pos", Assert.Throws<UserError>(() => input.Open(path)).Message);
    }

    [Fact]
    public void Raw_lines_are_samples_without_targets()
    {
        InputFormat input = LineSet.Open(Write("set.tsv", "pos\tgood\nneg\tbad\n"), Short, new SplitOptions()).Input!;
        IDataSource source = input.Read(new StringReader("bad GOOD new\n\ngood"), "standard input");
        float[] features = new float[8];
        source.Read([0, 1], features, []);
        Assert.Equal([2f, 3, 1, 0, 3, 0, 0, 0], features);
    }

    [SkippableFact]
    public void Rt_polarity_has_its_sentences()
    {
        Skip.If(RealData.Folder("text") is null, RealData.Missing("text"));
        Splits splits = LineSet.Open(Path.Combine(RealData.Folder("text")!, "rt-polarity.*"), new LineOptions { Length = 32 }, new SplitOptions { TestFraction = 0.1 });
        Assert.Equal(10_662, splits.Train.Count + splits.Test!.Count);
        Assert.Equal(["neg", "pos"], splits.Train.Target.ClassNames!);
        Assert.Equal(10_000, splits.Input!.Vocabulary);
    }

    private string Write(string name, string text) => folder.Write(name, Encoding.UTF8.GetBytes(text));
}
