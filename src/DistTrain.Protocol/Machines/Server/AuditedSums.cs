using System.Runtime.InteropServices;

namespace DistTrain.Protocol;

/// <summary>
/// Sums of audited ranges of a block's open step, held apart from its tree: a sum may enter when two workers have sent the same bits.
/// When the first two differ, a third decides.
/// </summary>
/// <remarks>
/// Compared are the sums themselves, not hashes that senders claim: the server has both, and the comparison costs less than the
/// addition that follows. The payload of a NaN is not part of the numerics contract, so any NaN equals any other.
/// </remarks>
internal sealed class AuditedSums
{
    // In the order in which they came.
    private readonly List<Entry> entries = [];

    /// <summary>What a value brought.</summary>
    public enum Outcome
    {
        /// <summary>It is the first one, or brings nothing new.</summary>
        Waits,

        /// <summary>It is equal to another worker's: it may enter the tree.</summary>
        Confirmed,

        /// <summary>It differs from all others.</summary>
        Differs,
    }

    /// <summary>Whether there is anything of an audited range.</summary>
    public bool HasAny => entries.Count > 0;

    /// <summary>Whether somebody's value of a range has come.</summary>
    public bool Has(SliceRange range) => entries.Exists(entry => entry.Range == range);

    /// <summary>A worker's value; a second one of the same worker, or one for a range that is decided, brings nothing.</summary>
    public Outcome Take(MachineId worker, SliceRange range, BlockBuffer sum, RangeStatistics statistics)
    {
        Entry? entry = entries.Find(known => known.Range == range);
        if (entry is null)
        {
            entries.Add(entry = new Entry(range));
        }

        if (entry.IsDecided || entry.Values.Exists(value => value.Worker == worker))
        {
            return Outcome.Waits;
        }

        if (entry.Values.Exists(value => IsSame(value, sum, statistics)))
        {
            entry.Decide([.. entry.Values.Where(value => !IsSame(value, sum, statistics)).Select(value => value.Worker.Number)]);
            return Outcome.Confirmed;
        }

        entry.Values.Add(new Value(worker, sum.Retain(), statistics));
        return entry.Values.Count > 1 ? Outcome.Differs : Outcome.Waits;
    }

    /// <summary>Takes out the only value of a range that no second worker will compute; false when there is none.</summary>
    /// <param name="range">The range.</param>
    /// <param name="sum">The caller gets the reference.</param>
    /// <param name="statistics">Of the range.</param>
    public bool TryWithdraw(out SliceRange range, out BlockBuffer? sum, out RangeStatistics? statistics)
    {
        Entry? entry = entries.Find(entry => !entry.IsDecided && entry.Values.Count == 1);
        (range, sum, statistics) = (entry?.Range ?? default, entry?.Values[0].Sum.Retain(), entry?.Values[0].Statistics);
        entry?.Decide([]);
        return entry is not null;
    }

    /// <summary>Ranges whose values differ, and those where it is decided whose was wrong.</summary>
    public IEnumerable<AuditFinding> Findings(BlockId block, StepNumber step) =>
        entries.Where(entry => entry.IsDecided ? entry.Wrong.Count > 0 : entry.Values.Count > 1).Select(entry => new AuditFinding(
            step, block, entry.Range, entry.IsDecided ? entry.Wrong : [.. entry.Values.Select(value => value.Worker.Number)], entry.IsDecided));

    /// <summary>The step is over.</summary>
    public void Clear()
    {
        entries.ForEach(entry => entry.Release());
        entries.Clear();
    }

    private static bool IsSame(Value value, BlockBuffer sum, RangeStatistics statistics) =>
        IsSame(value.Sum.Span, sum.Span) && IsSame([value.Statistics.WeightSum, .. value.Statistics.Sums], [statistics.WeightSum, .. statistics.Sums]);

    private static bool IsSame(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        if (MemoryMarshal.AsBytes(left).SequenceEqual(MemoryMarshal.AsBytes(right)))
        {
            return true;
        }

        bool isSame = left.Length == right.Length;
        for (int i = 0; isSame && i < left.Length; i++)
        {
            bool bothNaN = float.IsNaN(left[i]) && float.IsNaN(right[i]);
            isSame = bothNaN || BitConverter.SingleToInt32Bits(left[i]) == BitConverter.SingleToInt32Bits(right[i]);
        }

        return isSame;
    }

    private readonly record struct Value(MachineId Worker, BlockBuffer Sum, RangeStatistics Statistics);

    private sealed class Entry(SliceRange range)
    {
        public SliceRange Range { get; } = range;

        // Invariant: of different workers, no two equal; empty once the range is decided.
        public List<Value> Values { get; } = [];

        public bool IsDecided { get; private set; }

        public IReadOnlyList<int> Wrong { get; private set; } = [];

        public void Decide(IReadOnlyList<int> wrong)
        {
            Release();
            IsDecided = true;
            Wrong = wrong;
        }

        public void Release()
        {
            Values.ForEach(value => value.Sum.Release());
            Values.Clear();
        }
    }
}
