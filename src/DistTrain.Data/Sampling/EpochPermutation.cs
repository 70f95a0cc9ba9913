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

    /// <summary>The sample that stands at a position of a pass.</summary>
    /// <param name="pass">0 or more; another pass gives another order.</param>
    /// <param name="position">In [0, Count).</param>
    public int At(int pass, int position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pass);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Count);
        uint value = (uint)position;
        do
        {
            value = Permute((uint)pass, value);
        }
        while (value >= (uint)Count);
        return (int)value;
    }

    /// <summary>Samples at positions [first, first + samples.Length) of a pass.</summary>
    public void Fill(int pass, int first, Span<int> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = At(pass, first + i);
        }
    }

    private uint Permute(uint pass, uint value)
    {
        uint left = value / rightRange;
        uint right = value % rightRange;
        uint range = leftRange;
        uint otherRange = rightRange;
        for (uint round = 0; round < Rounds; round++)
        {
            uint word = Philox.Block(seed, right, round, pass, stream).W0;
            uint sum = left + (uint)(((ulong)word * range) >> 32);
            (left, right) = (right, sum >= range ? sum - range : sum);
            (range, otherRange) = (otherRange, range);
        }

        return (left * rightRange) + right;
    }
}
