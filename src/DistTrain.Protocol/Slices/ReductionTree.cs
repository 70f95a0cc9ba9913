namespace DistTrain.Protocol;

/// <summary>
/// The sum of one block over the slices of one step, along the fixed tree (docs/numerics.md, "The tree").
/// A node is complete when it, or both its children, arrived; the first value wins; descendants of a complete node are dropped.
/// </summary>
/// <remarks>
/// Idea: the complete nodes whose parent is not complete form an antichain, so the state is that short list and no tree is
/// built. An arriving range is dropped when one of the list contains it; otherwise it swallows those it contains and climbs:
/// an absent sibling is skipped, a present one is added, left + right. Memory: a lone value is retained as it came, not
/// copied; a sum goes into a rented buffer, or in place into a child that is itself a rented sum.
/// </remarks>
public sealed class ReductionTree
{
    private readonly BlockPool pool;
    private readonly int slices;
    private readonly List<Held> held = [];
    private int batchRows;

    /// <param name="pool">Where sums are rented.</param>
    /// <param name="slices">V, a power of two.</param>
    public ReductionTree(BlockPool pool, int slices)
    {
        if (!SliceRange.Root(slices).IsNodeOf(slices))
        {
            throw new ArgumentException($"A batch is cut in a power of two of slices, not {slices}.", nameof(slices));
        }

        this.pool = pool;
        this.slices = slices;
    }

    /// <summary>Complete nodes whose parent is not. Invariant: none contains another; each has rows.</summary>
    public IEnumerable<SliceRange> Complete => held.Select(node => node.Range);

    /// <summary>Whether the root is complete: the sum over the whole batch is there.</summary>
    public bool IsComplete => held.Count == 1 && held[0].Range.Count == slices;

    /// <summary>The root's sum, owned by the tree until <see cref="Begin"/>.</summary>
    public BlockBuffer Sum => IsComplete ? held[0].Sum : throw new InvalidOperationException("The root is not complete.");

    /// <summary>The root's statistics.</summary>
    public RangeStatistics Statistics => IsComplete ? held[0].Statistics : throw new InvalidOperationException("The root is not complete.");

    /// <summary>Samples that arrived and did not enter a sum, over all steps: recomputed or delivered twice.</summary>
    public long DroppedSamples { get; private set; }

    /// <summary>Counts samples that came after their step was applied.</summary>
    public void DropLate(int rows) => DroppedSamples += rows;

    /// <summary>Forgets everything and starts the sum of a batch of <paramref name="rows"/> samples.</summary>
    public void Begin(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        Drop();
        batchRows = rows;
    }

    /// <summary>Releases every sum.</summary>
    public void Drop()
    {
        foreach (Held node in held)
        {
            node.Sum.Release();
        }

        held.Clear();
    }

    /// <summary>Offers the sum of a range; retains the buffer when it keeps it.</summary>
    /// <returns>The node that is complete now, or null when the range was complete before and the value was dropped.</returns>
    public SliceRange? Offer(SliceRange range, BlockBuffer sum, RangeStatistics statistics)
    {
        int rows = range.Rows(batchRows, slices);
        if (!range.IsNodeOf(slices) || rows == 0)
        {
            throw new ArgumentException($"{range} is not a range with samples of {slices} slices and a batch of {batchRows}.", nameof(range));
        }

        foreach (Held node in held)
        {
            if (node.Range.Contains(range))
            {
                DroppedSamples += rows;
                return null;
            }
        }

        for (int i = held.Count - 1; i >= 0; i--)
        {
            if (range.Contains(held[i].Range))
            {
                DroppedSamples += held[i].Range.Rows(batchRows, slices);
                held[i].Sum.Release();
                held.RemoveAt(i);
            }
        }

        Held top = Climb(new Held(range, sum.Retain(), statistics));
        held.Add(top);
        return top.Range;
    }

    private Held Climb(Held node)
    {
        while (node.Range.Count < slices)
        {
            SliceRange sibling = node.Range.Sibling;
            int other = held.FindIndex(candidate => candidate.Range == sibling);
            if (other < 0 && sibling.Rows(batchRows, slices) > 0)
            {
                break;
            }

            if (other >= 0)
            {
                Held found = held[other];
                held.RemoveAt(other);
                node = node.Range.IsLeft ? Add(node, found) : Add(found, node);
            }
            else
            {
                node = node with { Range = node.Range.Parent };
            }
        }

        return node;
    }

    /// <summary>left + right. An exclusive buffer of this tree's own pool may be overwritten: nobody else can read it.</summary>
    private Held Add(Held left, Held right)
    {
        BlockBuffer? reuse = left.IsRentedHere ? left.Sum : right.IsRentedHere ? right.Sum : null;
        BlockBuffer sum = reuse ?? pool.Rent(left.Sum.Length);
        BlockSum.Add(left.Sum.Span, right.Sum.Span, sum.Span);
        if (!ReferenceEquals(left.Sum, sum))
        {
            left.Sum.Release();
        }

        if (!ReferenceEquals(right.Sum, sum))
        {
            right.Sum.Release();
        }

        return new Held(left.Range.Parent, sum, RangeStatistics.Add(left.Statistics, right.Statistics), IsRentedHere: true);
    }

    private readonly record struct Held(SliceRange Range, BlockBuffer Sum, RangeStatistics Statistics, bool IsRentedHere = false);
}
