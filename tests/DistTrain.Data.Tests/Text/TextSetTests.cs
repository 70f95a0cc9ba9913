using System.Text;
using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Data.Tests;

public sealed class TextSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sample_is_a_window_and_its_target_the_next_character_at_each_place()
    {
        Splits splits = TextSet.Open(Write("abcdefghij"), new TextOptions { Context = 3 }, new SplitOptions());
        Assert.Equal((7, 10), (splits.Train.Count, splits.Train.Target.Classes));
        float[] features = new float[6], targets = new float[6];
        splits.Train.Read([6, 1], features, targets);
        Assert.Equal([6f, 7, 8, 1, 2, 3], features);
        Assert.Equal([7f, 8, 9, 2, 3, 4], targets);
    }

    [Fact]
    public void Parts_are_cut_in_time_and_validation_windows_stand_side_by_side()
    {
        string text = new([.. Enumerable.Range(0, 100).Select(i => (char)('0' + (i % 70)))]);
        Splits splits = TextSet.Open(Write(text), new TextOptions { Context = 4 }, new SplitOptions { ValidationFraction = 0.2, TestFraction = 0.1 });

        // Test: 90 to 99; validation: floor(0.8 · 90) = 72 to 89.
        Assert.Equal((68, 4, 2), (splits.Train.Count, splits.Validation!.Count, splits.Test!.Count));
        float[] features = new float[4];
        splits.Validation.Read(1, features, []);
        Assert.Equal([76f - 70, 7, 8, 9], features);
        splits.Test.Read(0, features, []);
        Assert.Equal(90f - 70, features[0]);
    }

    [Fact]
    public void Words_are_learnt_from_the_training_part_alone()
    {
        Splits splits = TextSet.Open(
            Write("one two one two one two one two one three"),
            new TextOptions { Context = 1, Tokens = new TokenOptions { Kind = TokenKind.Words } },
            new SplitOptions { ValidationFraction = 0.25 });
        Assert.Equal(3, splits.Input!.Vocabulary);
        Assert.DoesNotContain("three", splits.Input.ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc", ": its training part has 3 tokens; a window of context 3 and its targets need 4")]
    [InlineData("", ": empty file, expected text")]
    public void A_text_shorter_than_its_window_is_refused(string text, string expected)
    {
        string path = Write(text);
        Assert.Equal(path + expected, Assert.Throws<UserError>(() => TextSet.Open(path, new TextOptions { Context = 3 }, new SplitOptions())).Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_named_with_their_place()
    {
        string path = folder.Write("bad.txt", [.. "abc\ndé"u8, 0xFF, .. "f"u8]);
        Assert.Equal(
            $"{path}:2:3: found the byte 0xFF; allowed: text in UTF-8",
            Assert.Throws<UserError>(() => TextSet.Open(path, new TextOptions(), new SplitOptions())).Message);
    }

    [SkippableFact]
    public void Tinyshakespeare_is_cut_where_the_comparison_cuts_it()
    {
        Skip.If(RealData.Folder("text") is null, RealData.Missing("text"));
        Splits splits = TextSet.Open(Path.Combine(RealData.Folder("text")!, "tinyshakespeare.txt"), new TextOptions(), new SplitOptions { ValidationFraction = 0.1 });

        // int(0.9 · 1115394) = 1003854 characters train; windows at range(0, 111540 - 65, 64) validate.
        Assert.Equal((65, 1003854 - 64, 1742), (splits.Input!.Vocabulary, splits.Train.Count, splits.Validation!.Count));
        int[] ids = new int[64];
        float[] features = new float[64];
        splits.Validation.Read(0, features, []);
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = (int)features[i];
        }

        Assert.Equal("?\n\nGREMIO:\nGood morrow, neighbour Baptista.\n\nBAPTISTA:\nGood morr", ((TextInput)splits.Input).Tokenizer.Decode(ids));
    }

    [Fact]
    public void Raw_text_gives_the_windows_of_training()
    {
        Splits splits = TextSet.Open(Write("hello world, hello"), new TextOptions { Context = 5 }, new SplitOptions());
        InputFormat input = InputFormat.FromJson(splits.Input!.ToJson(), "input.json");
        IDataSource source = input.Read(new StringReader("world, hello"), "standard input");
        Assert.Equal(2, source.Count);
        float[] expected = new float[5], found = new float[5];
        splits.Train.Read(6, expected, []);
        source.Read(0, found, []);
        Assert.Equal(expected, found);
        Assert.Equal(
            "standard input:1:2: found \"z\" (U+007A); allowed: what the training text has",
            Assert.Throws<UserError>(() => input.Read(new StringReader("hz"), "standard input")).Message);
        Assert.Equal(
            "standard input: has 2 tokens; a window of context 5 and its targets need 6",
            Assert.Throws<UserError>(() => input.Read(new StringReader("he"), "standard input")).Message);
    }

    private string Write(string text) => folder.Write("text.txt", Encoding.UTF8.GetBytes(text));
}
