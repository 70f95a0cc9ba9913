using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Byte-pair encoding over UTF-8: ids of the 256 bytes, then one for each merge of two earlier ids, in the order they were learnt
/// (Sennrich, Haddow and Birch, 2016, section 3.2, on bytes as in GPT-2). Nothing is unknown to it.
/// </summary>
/// <remarks>
/// Text is cut in front of each blank that follows something else, and merges never cross a cut; so counting different pieces
/// once is enough, and encoding a piece can be remembered. The most frequent pair is merged; among equals the one of smaller ids.
/// </remarks>
internal sealed class BytePairTokenizer : Tokenizer
{
    private const int Bytes = 256;

    /// <summary>Longer runs without a cut are cut here, so that a file without blanks takes no quadratic time.</summary>
    private const int PieceBytesMax = 64;

    /// <summary>Pieces remembered; beyond, pieces are encoded anew each time.</summary>
    private const int RememberedMax = 1 << 16;

    private readonly (int Left, int Right)[] merges;
    private readonly Dictionary<(int, int), int> ranks = [];
    private readonly byte[][] contents;

    /// <param name="merges">Pairs of ids without padding: bytes, or 256 + an earlier merge.</param>
    /// <param name="hasPadding">Id 0 is padding, all others are one higher.</param>
    /// <param name="lowercase">Text is lower-cased first.</param>
    public BytePairTokenizer((int Left, int Right)[] merges, bool hasPadding, bool lowercase)
        : base(hasPadding, hasUnknown: false, lowercase)
    {
        this.merges = merges;
        First = hasPadding ? 1 : 0;
        contents = new byte[Bytes + merges.Length][];
        for (int i = 0; i < Bytes; i++)
        {
            contents[i] = [(byte)i];
        }

        for (int i = 0; i < merges.Length; i++)
        {
            (int left, int right) = merges[i];
            if ((uint)left >= (uint)(Bytes + i) || (uint)right >= (uint)(Bytes + i) || !ranks.TryAdd(merges[i], i)
                || contents[left].Length + contents[right].Length > PieceBytesMax)
            {
                throw new UserError($"vocabulary: merge {i} is of {left} and {right}; allowed: ids below {Bytes + i}, each pair once, up to {PieceBytesMax} bytes together");
            }

            contents[Bytes + i] = [.. contents[left], .. contents[right]];
        }
    }

    public override TokenKind Kind => TokenKind.BytePairs;

    public override int Count => First + contents.Length;

    public IReadOnlyList<(int Left, int Right)> Merges => merges;

    private int First { get; }

    public static BytePairTokenizer Fit(IEnumerable<string> texts, bool hasPadding, TokenOptions options)
    {
        int wanted = options.VocabularyMax - Bytes - (hasPadding ? 1 : 0);
        if (wanted < 0)
        {
            throw new UserError($"vocabulary: found {options.VocabularyMax}; allowed for byte pairs: {Bytes + (hasPadding ? 1 : 0)} or more, the bytes themselves");
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            string content = options.Lowercase ? text.ToLowerInvariant() : text;
            foreach (Range piece in Pieces(content))
            {
                string key = content[piece];
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        return new BytePairTokenizer(BytePairMerges.Learn(counts, wanted, PieceBytesMax), hasPadding, options.Lowercase);
    }

    private protected override int EncodeCore(ReadOnlySpan<char> text, List<int> ids)
    {
        string content = text.ToString();
        var remembered = new Dictionary<string, int[]>(StringComparer.Ordinal);
        Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> lookup = remembered.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (Range piece in Pieces(content))
        {
            ReadOnlySpan<char> chars = content.AsSpan(piece);
            if (!lookup.TryGetValue(chars, out int[]? encoded))
            {
                encoded = EncodePiece(chars);
                if (remembered.Count < RememberedMax)
                {
                    remembered.Add(chars.ToString(), encoded);
                }
            }

            ids.AddRange(encoded);
        }

        return -1;
    }

    private protected override string DecodeCore(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            if (id >= First)
            {
                bytes.AddRange(contents[id - First]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>A piece begins at each blank that follows something else; it is cut where it would have more than 64 bytes.</summary>
    private static IEnumerable<Range> Pieces(string text)
    {
        int start = 0, bytes = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            int size = isPair ? 4 : text[i] < 0x80 ? 1 : text[i] < 0x800 ? 2 : 3;
            if (bytes + size > PieceBytesMax || (char.IsWhiteSpace(text[i]) && i > start && !char.IsWhiteSpace(text[i - 1])))
            {
                yield return start..i;
                (start, bytes) = (i, 0);
            }

            bytes += size;
            i += isPair ? 1 : 0;
        }

        if (start < text.Length)
        {
            yield return start..text.Length;
        }
    }

    /// <summary>Merges the pair that was learnt first until none is known.</summary>
    private int[] EncodePiece(ReadOnlySpan<char> piece)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(piece.Length)];
        List<int> parts = [.. bytes.Take(Encoding.UTF8.GetBytes(piece, bytes)).Select(value => (int)value)];
        while (true)
        {
            int best = int.MaxValue;
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                best = ranks.TryGetValue((parts[i], parts[i + 1]), out int rank) ? Math.Min(best, rank) : best;
            }

            if (best == int.MaxValue)
            {
                return [.. parts.Select(part => First + part)];
            }

            BytePairMerges.Merge(parts, merges[best], Bytes + best);
        }
    }
}
