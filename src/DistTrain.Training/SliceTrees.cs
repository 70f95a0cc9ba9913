using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The trees of ranges, made once: a step allocates none. One user at a time.</summary>
internal sealed class SliceTrees(int slices)
{
    private readonly Dictionary<(int Rows, int FirstSlice, int SliceCount), SliceTree> known = [];

    /// <summary>The tree of slices [firstSlice, firstSlice + sliceCount) of a batch of so many rows.</summary>
    public SliceTree Of(int batchRows, int firstSlice, int sliceCount)
    {
        if (!known.TryGetValue((batchRows, firstSlice, sliceCount), out SliceTree? tree))
        {
            tree = SliceTree.ForRange(batchRows, slices, firstSlice, sliceCount);
            known.Add((batchRows, firstSlice, sliceCount), tree);
        }

        return tree;
    }
}
