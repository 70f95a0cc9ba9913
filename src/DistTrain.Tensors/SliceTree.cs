namespace DistTrain.Tensors;

/// <summary>
/// The rows of a batch, cut into consecutive leaves (slices), and the fixed binary tree that sums what the leaves give
/// (docs/numerics.md, "The tree"). Leaf count is a power of two; a leaf without rows is absent and leaves no trace.
/// </summary>
/// <remarks>
/// Kernels don't walk a tree: they visit the present leaves in order with a stack. After leaf i they replace the top by
/// (popped + current) <see cref="MergesAfter"/>[i] times, then push; after the last leaf the result is the root. This is the
/// post-order walk written down once, so absent leaves cost kernels nothing.
/// </remarks>
public sealed class SliceTree
{
    private readonly int[] rowStarts;
    private readonly int[] rowCounts;
    private readonly int[] mergesAfter;

    /// <summary>What <see cref="Scale"/> made; as many as a graph has sizes of pictures.</summary>
    private volatile Scaled? scaled;

    private volatile SliceTree? leaves;

    private SliceTree(int[] rowStarts, int[] rowCounts, int[] mergesAfter, int rows, int depth)
    {
        this.rowStarts = rowStarts;
        this.rowCounts = rowCounts;
        this.mergesAfter = mergesAfter;
        Rows = rows;
        StackDepth = depth;
    }

    /// <summary>All rows of all leaves.</summary>
    public int Rows { get; }

    /// <summary>Leaves that have rows; 0 only when there are no rows at all.</summary>
    public int PresentLeaves => rowStarts.Length;

    /// <summary>Partial sums a kernel must be able to hold at once besides the current one.</summary>
    public int StackDepth { get; }

    /// <summary>First row of each present leaf.</summary>
    public ReadOnlySpan<int> RowStarts => rowStarts;

    /// <summary>Rows of each present leaf, at least 1.</summary>
    public ReadOnlySpan<int> RowCounts => rowCounts;

    /// <summary>How many stacked sums are added (stacked + current) after each present leaf.</summary>
    public ReadOnlySpan<int> MergesAfter => mergesAfter;

    /// <summary>The tree over leaves of the given row counts, in order.</summary>
    /// <param name="leafRows">Rows of each leaf, 0 or more; the length is a power of two.</param>
    /// <exception cref="ArgumentException">The length is not a power of two, or a count is negative.</exception>
    public static SliceTree Create(ReadOnlySpan<int> leafRows)
    {
        if (leafRows.Length == 0 || (leafRows.Length & (leafRows.Length - 1)) != 0)
        {
            throw new ArgumentException($"A tree has a power of two of leaves, not {leafRows.Length}.", nameof(leafRows));
        }

        var starts = new List<int>();
        var counts = new List<int>();
        var merges = new List<int>();
        int row = 0;
        foreach (int rows in leafRows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(rows, nameof(leafRows));
            if (rows > 0)
            {
                starts.Add(row);
                counts.Add(rows);
                merges.Add(0);
                row += rows;
            }
        }

        int present = -1;
        Walk(leafRows, merges, ref present);
        int stacked = 0, depth = 0;
        foreach (int merge in merges)
        {
            stacked += 1 - merge;
            depth = Math.Max(depth, stacked);
        }

        return new SliceTree([.. starts], [.. counts], [.. merges], row, depth);
    }

    /// <summary>The tree of slices [firstSlice, firstSlice + sliceCount) of a batch that is cut into <paramref name="slices"/>.</summary>
    /// <param name="batchRows">n: samples of the whole batch.</param>
    /// <param name="slices">V: slices of the whole batch.</param>
    /// <param name="firstSlice">First slice of the dyadic range.</param>
    /// <param name="sliceCount">Slices of the dyadic range, a power of two.</param>
    public static SliceTree ForRange(int batchRows, int slices, int firstSlice, int sliceCount)
    {
        Span<int> rows = sliceCount <= 1024 ? stackalloc int[sliceCount] : new int[sliceCount];
        for (int j = 0; j < sliceCount; j++)
        {
            rows[j] = SliceStart(batchRows, slices, firstSlice + j + 1) - SliceStart(batchRows, slices, firstSlice + j);
        }

        return Create(rows);
    }

    /// <summary>⌊jn/V⌋: position in the batch at which slice j begins (and slice j - 1 ends).</summary>
    public static int SliceStart(int batchRows, int slices, int slice) => (int)((long)slice * batchRows / slices);

    /// <summary>The same tree with one row for each present leaf: to climb it with what the leaves gave.</summary>
    public SliceTree Leaves => leaves ??= new SliceTree(
        [.. Enumerable.Range(0, PresentLeaves)], [.. Enumerable.Repeat(1, PresentLeaves)], mergesAfter, PresentLeaves, StackDepth);

    /// <summary>The same tree when each row becomes <paramref name="factor"/> rows (a sample's output pixels).</summary>
    /// <remarks>Made once for each factor, so that a step that goes from range to range allocates nothing.</remarks>
    public SliceTree Scale(int factor)
    {
        for (Scaled? known = scaled; known is not null; known = known.Next)
        {
            if (known.Factor == factor)
            {
                return known.Tree;
            }
        }

        // Two threads at once may each make one; either is right, and one of them is kept.
        SliceTree tree = CreateScaled(factor);
        scaled = new Scaled(factor, tree, scaled);
        return tree;
    }

    /// <summary>Apart from <see cref="Scale"/>, whose every call would otherwise allocate the lambdas' closure.</summary>
    private SliceTree CreateScaled(int factor) => new(
        Array.ConvertAll(rowStarts, start => checked(start * factor)),
        Array.ConvertAll(rowCounts, count => checked(count * factor)),
        mergesAfter,
        checked(Rows * factor),
        StackDepth);

    /// <summary>Post-order: true when the subtree has rows; adds a merge after the last leaf of a node with two present children.</summary>
    private static bool Walk(ReadOnlySpan<int> leafRows, List<int> merges, ref int present)
    {
        if (leafRows.Length == 1)
        {
            if (leafRows[0] > 0)
            {
                present++;
            }

            return leafRows[0] > 0;
        }

        int half = leafRows.Length / 2;
        bool left = Walk(leafRows[..half], merges, ref present);
        bool right = Walk(leafRows[half..], merges, ref present);
        if (left && right)
        {
            merges[present]++;
        }

        return left || right;
    }

    private sealed record Scaled(int Factor, SliceTree Tree, Scaled? Next);
}
