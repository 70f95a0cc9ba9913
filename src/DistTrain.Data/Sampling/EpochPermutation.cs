using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// For each pass, a bijection on [0, count) that can be computed at any position alone, in O(1) memory: no shuffled list has to
/// be kept, sent or restored, and any worker knows any batch.
/// </summary>
/// <remarks>
/// A position is written as (left, right) in a grid of rows × columns ≥ count, both about √count, and goes through a
/// generalised Feistel network (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002, section 5):
/// (left, right) becomes (right, left + f(right) modulo the range of left), which is a bijection for any f. f is Philox keyed
/// by the seed and counted by (right, round, pass, stream). A result of count or more goes through again (cycle walking); as
/// the grid has fewer than √count + 1 cells too many, that is rare from a few hundred samples on.
/// </remarks>
public sealed class EpochPermutation
{
    /// <summary>
    /// Even, so that both halves come back to their own range. Six rounds are beyond the four after which a Feistel network with
    /// random rounds can't be told from a random permutation (Luby and Rackoff, 1988).
    /// </summary>
    private const uint Rounds = 6;

    private static readonly uint DefaultStream = Philox.Stream("permutation");

    private readonly ulong seed;
    private readonly uint stream;
    private readonly uint leftRange;
    private readonly uint rightRange;

    /// <summary>Invariant: complete before it is stored here and never changed, so any thread may use what it finds.</summary>
    private volatile PassWords? latest;

    /// <param name="seed">The job's seed.</param>
    /// <param name="count">Samples, at least 1.</param>
    public EpochPermutation(ulong seed, int count)
        : this(seed, count, DefaultStream)
    {
    }

    internal EpochPermutation(ulong seed, int count, uint stream)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        this.seed = seed;
        this.stream = stream;
        Count = count;
        uint side = (uint)Math.Sqrt(count);
        leftRange = side * side < count ? side + 1 : side;
        rightRange = (uint)((count + (long)leftRange - 1) / leftRange);
    }

    public int Count { get; }

    /// <summary>The sample that stands at a position of a pass. Costs six Philox blocks or so.</summary>
    /// <param name="pass">0 or more; another pass gives another order.</param>
    /// <param name="position">In [0, Count).</param>
    public int At(int pass, int position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pass);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Count);
        return Walk((uint)pass, (uint)position, []);
    }

    /// <summary>Samples at positions [first, first + samples.Length) of a pass.</summary>
    /// <remarks>
    /// In one pass f has no more than 6 · √count different values, so they are drawn once and kept while the pass lasts: 24 KB
    /// for a million samples, and a sample costs six look-ups instead of six Philox blocks (measured: a fifth of the time).
    /// </remarks>
    public void Fill(int pass, int first, Span<int> samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pass);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples.Length, Count - first, nameof(samples));
        PassWords? words = latest;
        if (words is null || words.Pass != (uint)pass)
        {
            words = new PassWords((uint)pass, Draw((uint)pass));
            latest = words;
        }

        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = Walk((uint)pass, (uint)(first + i), words.Words);
        }
    }

    private int Walk(uint pass, uint value, ReadOnlySpan<uint> words)
    {
        do
        {
            value = Permute(pass, value, words);
        }
        while (value >= (uint)Count);
        return (int)value;
    }

    /// <param name="pass">Which order.</param>
    /// <param name="value">A cell of the grid.</param>
    /// <param name="words">f of every (round, right) of this pass, or empty: then f is drawn here.</param>
    private uint Permute(uint pass, uint value, ReadOnlySpan<uint> words)
    {
        uint left = value / rightRange;
        uint right = value % rightRange;
        uint range = leftRange;
        uint otherRange = rightRange;
        uint stride = Math.Max(leftRange, rightRange);
        for (uint round = 0; round < Rounds; round++)
        {
            uint word = words.IsEmpty ? Word(pass, round, right) : words[(int)((round * stride) + right)];
            uint sum = left + (uint)(((ulong)word * range) >> 32);
            (left, right) = (right, sum >= range ? sum - range : sum);
            (range, otherRange) = (otherRange, range);
        }

        return (left * rightRange) + right;
    }

    private uint Word(uint pass, uint round, uint right) => Philox.Block(seed, right, round, pass, stream).W0;

    private uint[] Draw(uint pass)
    {
        uint stride = Math.Max(leftRange, rightRange);
        uint[] words = new uint[Rounds * stride];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = Word(pass, (uint)i / stride, (uint)i % stride);
        }

        return words;
    }

    private sealed record PassWords(uint Pass, uint[] Words);
}
