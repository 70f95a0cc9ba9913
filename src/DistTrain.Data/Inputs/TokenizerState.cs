using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A tokenizer as it is saved. Exactly one of the three vocabularies is there.</summary>
public sealed record TokenizerState
{
    public bool Padding { get; init; }

    public bool Unknown { get; init; }

    public bool Lowercase { get; init; }

    /// <summary>All characters, ascending.</summary>
    public string? Characters { get; init; }

    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>Left and right id of each merge, one after the other.</summary>
    public IReadOnlyList<int>? Merges { get; init; }

    internal static TokenizerState Of(Tokenizer tokenizer) => new()
    {
        Padding = tokenizer.Padding is not null,
        Unknown = tokenizer.Unknown is not null,
        Lowercase = tokenizer.Lowercase,
        Characters = tokenizer is CharacterTokenizer characters ? string.Concat(characters.Characters.Select(value => new Rune(value).ToString())) : null,
        Words = (tokenizer as WordTokenizer)?.Entries,
        Merges = tokenizer is BytePairTokenizer pairs ? [.. pairs.Merges.SelectMany(pair => new[] { pair.Left, pair.Right })] : null,
    };

    internal Tokenizer ToTokenizer()
    {
        if (Words is not null && Characters is null && Merges is null)
        {
            return new WordTokenizer([.. Words], Padding, Lowercase);
        }

        if (Characters is not null && Words is null && Merges is null)
        {
            return new CharacterTokenizer([.. Characters.EnumerateRunes().Select(rune => rune.Value)], Padding, Unknown, Lowercase);
        }

        if (Merges is not null && Words is null && Characters is null && Merges.Count % 2 == 0)
        {
            return new BytePairTokenizer([.. Merges.Chunk(2).Select(pair => (pair[0], pair[1]))], Padding, Lowercase);
        }

        throw new UserError("vocabulary: allowed: exactly one of characters, words and merges (an even number of ids)");
    }
}
