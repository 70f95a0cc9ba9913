namespace DistTrain.Tensors;

/// <summary>The present leaves of a <see cref="SliceTree"/> as kernels walk them.</summary>
internal unsafe struct SliceLeaves
{
    public int Count;
    public int* RowCounts;
    public int* MergesAfter;
    public int StackDepth;
}
