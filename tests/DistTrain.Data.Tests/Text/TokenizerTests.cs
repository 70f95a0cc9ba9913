using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class TokenizerTests
{
    [Fact]
    public void Characters_have_ids_in_the_order_of_code_points()
    {
        Tokenizer tokenizer = Fit(TokenKind.Characters, "ba\nc\U0001F600a");
        Assert.Equal(5, tokenizer.Count);
        Assert.Equal([0, 1, 2, 3, 4], tokenizer.Encode("\nabc\U0001F600"));
        Assert.Equal("\U0001F600ab", tokenizer.Decode([4, 1, 2]));
    }

    [Fact]
    public void A_character_that_the_text_had_not_is_named_with_its_place()
    {
        Tokenizer tokenizer = Fit(TokenKind.Characters, "ab\n");
        Assert.Equal(
            "book:2:3: found \"?\" (U+003F); allowed: what the training text has",
            Assert.Throws<UserError>(() => tokenizer.Encode("ab\nab?", "book")).Message);
    }

    [Fact]
    public void Padding_comes_first_then_unknown()
    {
        Tokenizer tokenizer = Tokenizer.Fit(new TokenOptions(), ["ab"], hasPadding: true, hasUnknown: true);
        Assert.Equal((4, 0, 1), (tokenizer.Count, tokenizer.Padding, tokenizer.Unknown));
        Assert.Equal([2, 3, 1], tokenizer.Encode("ab!"));
        Assert.Equal("ab\uFFFD", tokenizer.Decode([2, 3, 1, 0]));
    }

    [Fact]
    public void Words_are_ordered_by_frequency_and_rare_ones_are_unknown()
    {
        var options = new TokenOptions { Kind = TokenKind.Words, Lowercase = true, VocabularyMax = 4 };
        Tokenizer tokenizer = Tokenizer.Fit(options, ["The cat. The dog!", "the cat"], hasPadding: true, hasUnknown: true);
        Assert.Equal(4, tokenizer.Count);
        Assert.Equal([2, 3, 1, 1], tokenizer.Encode("The cat barks!"));
        Assert.Equal("the cat", tokenizer.Decode([2, 3, 0, 0]));
    }

    [Fact]
    public void Words_keep_apostrophes_inside_and_line_ends()
    {
        Tokenizer tokenizer = Fit(TokenKind.Words, "don't 'tis\nso-so, 12");
        Assert.Equal("don't ' tis\nso - so, 12".Replace(" ' tis", "' tis", StringComparison.Ordinal), tokenizer.Decode(tokenizer.Encode("don't 'tis\nso-so, 12")));
        Assert.Single(tokenizer.Encode("don't"));
        Assert.Equal(2, tokenizer.Encode("'tis").Length);
    }

    [Theory]
    [InlineData("low low low lower newest newest widest\n")]
    [InlineData("åß \U0001F600\U0001F600 日本語 日本語\t\r\n  x")]
    public void Byte_pairs_give_every_text_back(string text)
    {
        var options = new TokenOptions { Kind = TokenKind.BytePairs, VocabularyMax = 300 };
        Tokenizer tokenizer = Tokenizer.Fit(options, [text], hasPadding: true, hasUnknown: false);
        int[] ids = tokenizer.Encode(text);
        Assert.True(ids.Length < System.Text.Encoding.UTF8.GetByteCount(text), $"{ids.Length} tokens");
        Assert.Equal(text, tokenizer.Decode(ids));
        const string Other = "Nothing of this was seen: ÿ";
        Assert.Equal(Other, tokenizer.Decode(tokenizer.Encode(Other)));
    }

    [Fact]
    public void Byte_pairs_merge_the_most_frequent_pair_first()
    {
        // "aa" occurs twice in "aaab"-like pieces counted per piece: a pair is counted at each position.
        var options = new TokenOptions { Kind = TokenKind.BytePairs, VocabularyMax = 258 };
        var tokenizer = (BytePairTokenizer)Tokenizer.Fit(options, ["xy xy xy zy"], hasPadding: false, hasUnknown: false);
        Assert.Equal([((int)'x', (int)'y'), ((int)' ', 256)], tokenizer.Merges);
        Assert.Equal([256, 257, ' ', 'z', 'y'], tokenizer.Encode("xy xy zy"));
    }

    [Theory]
    [InlineData(TokenKind.Characters)]
    [InlineData(TokenKind.Words)]
    [InlineData(TokenKind.BytePairs)]
    public void A_saved_tokenizer_gives_the_same_ids(TokenKind kind)
    {
        const string Text = "To be, or not to be: that is the question.\n";
        Tokenizer tokenizer = Tokenizer.Fit(new TokenOptions { Kind = kind, VocabularyMax = 300, Lowercase = true }, [Text], hasPadding: true, hasUnknown: true);
        var input = new LineInput(TokenizerState.Of(tokenizer), 12, ["no", "yes"], labelLast: true);
        var again = (LineInput)InputFormat.FromJson(input.ToJson(), "input.json");
        Assert.Equal(tokenizer.Encode(Text), again.Tokenizer.Encode(Text));
        Assert.Equal((kind, 12, true), (again.Tokenizer.Kind, again.Length, again.LabelLast));
        Assert.Equal(input.ToJson(), again.ToJson());
    }

    [Fact]
    public void An_id_beyond_the_vocabulary_is_refused() => Assert.Equal(
        "token 1 is 7; allowed 0 to 2, the vocabulary",
        Assert.Throws<UserError>(() => Fit(TokenKind.Characters, "abc").Decode([0, 7])).Message);

    private static Tokenizer Fit(TokenKind kind, string text) => Tokenizer.Fit(new TokenOptions { Kind = kind }, [text], hasPadding: false, hasUnknown: false);
}
