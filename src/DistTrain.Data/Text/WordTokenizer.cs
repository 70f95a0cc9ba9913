using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>One id a word, the most frequent first, equally frequent ones in ordinal order; all others are unknown.</summary>
internal sealed class WordTokenizer : Tokenizer
{
    private const string JoinsBefore = ".,;:!?)]}'";

    private readonly string[] words;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <param name="words">In the order of their ids.</param>
    /// <param name="hasPadding">Id 0 is padding.</param>
    /// <param name="lowercase">Text is lower-cased first.</param>
    public WordTokenizer(string[] words, bool hasPadding, bool lowercase)
        : base(hasPadding, hasUnknown: true, lowercase)
    {
        this.words = words;
        First = hasPadding ? 2 : 1;
        var known = new Dictionary<string, int>(words.Length, StringComparer.Ordinal);
        for (int i = 0; i < words.Length; i++)
        {
            if (string.IsNullOrEmpty(words[i]) || !known.TryAdd(words[i], First + i))
            {
                throw new UserError($"vocabulary: word {i} is \"{words[i]}\"; allowed: words, each once");
            }
        }

        lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override TokenKind Kind => TokenKind.Words;

    public override int Count => First + words.Length;

    public IReadOnlyList<string> Entries => words;

    private int First { get; }

    public static WordTokenizer Fit(IEnumerable<string> texts, bool hasPadding, TokenOptions options)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string text in texts)
        {
            foreach (ReadOnlySpan<char> word in new Words(options.Lowercase ? text.ToLowerInvariant() : text))
            {
                bySpan[word] = bySpan.TryGetValue(word, out long count) ? count + 1 : 1;
            }
        }

        int room = Math.Max(0, options.VocabularyMax - (hasPadding ? 2 : 1));
        string[] words =
        [
            .. counts.Where(pair => pair.Value >= options.CountMin)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Take(room).Select(pair => pair.Key),
        ];
        return new WordTokenizer(words, hasPadding, options.Lowercase);
    }

    private protected override int EncodeCore(ReadOnlySpan<char> text, List<int> ids)
    {
        foreach (ReadOnlySpan<char> word in new Words(text))
        {
            ids.Add(lookup.TryGetValue(word, out int id) ? id : Unknown!.Value);
        }

        return -1;
    }

    /// <summary>Words with a blank between them, none at line ends and before marks that close.</summary>
    private protected override string DecodeCore(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            string word = id >= First ? words[id - First] : id == Unknown ? "\uFFFD" : "";
            bool joins = text.Length == 0 || text[^1] == '\n' || word is "" or "\n" || (word.Length == 1 && JoinsBefore.Contains(word[0], StringComparison.Ordinal));
            text.Append(joins ? "" : " ").Append(word);
        }

        return text.ToString();
    }
}
