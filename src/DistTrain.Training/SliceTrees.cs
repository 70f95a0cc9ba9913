using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The trees of ranges, made once: a step allocates none. One user at a time.</summary>
internal sealed class SliceTrees(int slices)
{
    private readonly Dictionary<(int Rows, int FirstSlice, int SliceCount, int Piece), SliceTree> known = [];

    /// <summary>The tree of slices [firstSlice, firstSlice + sliceCount) of a batch of so many rows.</summary>
    public SliceTree Of(int batchRows, int firstSlice, int sliceCount) => OfPieces(batchRows, firstSlice, sliceCount, 1);

    /// <summary>
    /// The same tree down to nodes of <paramref name="piece"/> slices. Such nodes are themselves the slices of a batch that is cut
    /// in V / piece: ⌊j · piece · n / V⌋ = ⌊jn / (V / piece)⌋.
    /// </summary>
    public SliceTree OfPieces(int batchRows, int firstSlice, int sliceCount, int piece)
    {
        if (!known.TryGetValue((batchRows, firstSlice, sliceCount, piece), out SliceTree? tree))
        {
            // Ranges of the same rows share one tree: executors keep what they derive from the last one they saw.
            SliceTree made = SliceTree.ForRange(batchRows, slices / piece, firstSlice / piece, sliceCount / piece);
            tree = known.Values.FirstOrDefault(other => AreEqual(other, made)) ?? made;
            known.Add((batchRows, firstSlice, sliceCount, piece), tree);
        }

        return tree;
    }

    private static bool AreEqual(SliceTree one, SliceTree other) =>
        one.RowCounts.SequenceEqual(other.RowCounts) && one.MergesAfter.SequenceEqual(other.MergesAfter);
}
