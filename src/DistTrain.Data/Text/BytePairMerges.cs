using System.Text;

namespace DistTrain.Data;

/// <summary>Learns which pairs of a byte-pair encoding are merged, and in what order.</summary>
internal static class BytePairMerges
{
    private const int Bytes = 256;

    /// <param name="pieces">Pieces of text with how often they occur.</param>
    /// <param name="wanted">Merges, at most; fewer when no pair occurs twice.</param>
    /// <param name="bytesMax">A merge has no more bytes.</param>
    public static (int Left, int Right)[] Learn(Dictionary<string, long> pieces, int wanted, int bytesMax)
    {
        (List<int> Parts, long Count)[] all =
        [
            .. pieces.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => (Encoding.UTF8.GetBytes(pair.Key).Select(value => (int)value).ToList(), pair.Value)),
        ];
        var counts = new Dictionary<(int, int), long>();
        var places = new Dictionary<(int, int), HashSet<int>>();
        for (int piece = 0; piece < all.Length; piece++)
        {
            Add(all[piece].Parts, all[piece].Count, piece, counts, places);
        }

        var lengths = Enumerable.Repeat(1, Bytes).ToList();
        var merges = new List<(int Left, int Right)>();
        while (merges.Count < wanted && MostFrequent(counts, lengths, bytesMax) is { } pair)
        {
            int id = Bytes + merges.Count;
            merges.Add(pair);
            lengths.Add(lengths[pair.Left] + lengths[pair.Right]);
            foreach (int piece in places[pair].ToArray())
            {
                Add(all[piece].Parts, -all[piece].Count, piece, counts, null);
                Merge(all[piece].Parts, pair, id);
                Add(all[piece].Parts, all[piece].Count, piece, counts, places);
            }
        }

        return [.. merges];
    }

    /// <summary>Replaces each occurrence of a pair, from the left.</summary>
    public static void Merge(List<int> parts, (int Left, int Right) pair, int id)
    {
        int kept = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            bool merges = i + 1 < parts.Count && parts[i] == pair.Left && parts[i + 1] == pair.Right;
            parts[kept++] = merges ? id : parts[i];
            i += merges ? 1 : 0;
        }

        parts.RemoveRange(kept, parts.Count - kept);
    }

    private static void Add(
        List<int> parts, long count, int piece, Dictionary<(int, int), long> counts, Dictionary<(int, int), HashSet<int>>? places)
    {
        for (int i = 0; i + 1 < parts.Count; i++)
        {
            (int, int) pair = (parts[i], parts[i + 1]);
            long sum = counts.GetValueOrDefault(pair) + count;
            if (sum == 0)
            {
                counts.Remove(pair);
            }
            else
            {
                counts[pair] = sum;
            }

            if (places is not null)
            {
                if (!places.TryGetValue(pair, out HashSet<int>? found))
                {
                    places.Add(pair, found = []);
                }

                found.Add(piece);
            }
        }
    }

    private static (int Left, int Right)? MostFrequent(Dictionary<(int, int), long> counts, List<int> lengths, int bytesMax)
    {
        (int Left, int Right)? best = null;
        long most = 1;
        foreach (((int Left, int Right) pair, long count) in counts)
        {
            bool better = count > most || (count == most && best is { } other && pair.CompareTo(other) < 0);
            if (better && lengths[pair.Left] + lengths[pair.Right] <= bytesMax)
            {
                (best, most) = (pair, count);
            }
        }

        return best;
    }
}
