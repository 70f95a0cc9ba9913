using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>One id a Unicode code point, in ascending order of code points.</summary>
internal sealed class CharacterTokenizer : Tokenizer
{
    private readonly int[] characters;
    private readonly Dictionary<int, int> known = [];

    /// <param name="characters">Code points, ascending.</param>
    /// <param name="hasPadding">Id 0 is padding.</param>
    /// <param name="hasUnknown">An id is reserved for other characters.</param>
    /// <param name="lowercase">Text is lower-cased first.</param>
    public CharacterTokenizer(int[] characters, bool hasPadding, bool hasUnknown, bool lowercase)
        : base(hasPadding, hasUnknown, lowercase)
    {
        this.characters = characters;
        First = (hasPadding ? 1 : 0) + (hasUnknown ? 1 : 0);
        for (int i = 0; i < characters.Length; i++)
        {
            if (!Rune.IsValid(characters[i]) || (i > 0 && characters[i] <= characters[i - 1]))
            {
                throw new UserError($"vocabulary: character {i} is {characters[i]}; allowed: code points, ascending");
            }

            known.Add(characters[i], First + i);
        }
    }

    public override TokenKind Kind => TokenKind.Characters;

    public override int Count => First + characters.Length;

    public IReadOnlyList<int> Characters => characters;

    /// <summary>Id of the first character.</summary>
    private int First { get; }

    public static CharacterTokenizer Fit(IEnumerable<string> texts, bool hasPadding, bool hasUnknown, TokenOptions options)
    {
        var counts = new Dictionary<int, long>();
        foreach (string text in texts)
        {
            foreach (Rune rune in (options.Lowercase ? text.ToLowerInvariant() : text).EnumerateRunes())
            {
                counts[rune.Value] = counts.GetValueOrDefault(rune.Value) + 1;
            }
        }

        int[] characters = [.. counts.Where(pair => pair.Value >= options.CountMin).Select(pair => pair.Key).Order()];
        return new CharacterTokenizer(characters, hasPadding, hasUnknown || options.CountMin > 1, options.Lowercase);
    }

    private protected override int EncodeCore(ReadOnlySpan<char> text, List<int> ids)
    {
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out Rune rune, out int used);
            if (known.TryGetValue(rune.Value, out int id))
            {
                ids.Add(id);
            }
            else if (Unknown is { } unknown)
            {
                ids.Add(unknown);
            }
            else
            {
                return i;
            }

            i += used;
        }

        return -1;
    }

    private protected override string DecodeCore(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            if (id >= First)
            {
                text.Append(new Rune(characters[id - First]).ToString());
            }
            else if (id == Unknown)
            {
                text.Append('\uFFFD');
            }
        }

        return text.ToString();
    }
}
