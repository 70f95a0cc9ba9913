namespace DistTrain.Tensors;

/// <summary>The definition of the embedding's gradient: every row of the table, every slice, the tree written out.</summary>
internal static class EmbeddingTableReference
{
    /// <inheritdoc cref="EmbeddingTable.ScatterAddSliced"/>
    public static void ScatterAddSliced(SliceTree slices, int tableRows, int cols, ReadOnlySpan<float> ids, ReadOnlySpan<float> dy, Span<float> gradient)
    {
        gradient.Clear();
        var stack = new Stack<float[]>();
        for (int leaf = 0; leaf < slices.PresentLeaves; leaf++)
        {
            float[] sum = new float[tableRows * cols];
            for (int i = slices.RowStarts[leaf]; i < slices.RowStarts[leaf] + slices.RowCounts[leaf]; i++)
            {
                for (int c = 0; c < cols; c++)
                {
                    sum[((int)ids[i] * cols) + c] += dy[(i * cols) + c];
                }
            }

            for (int merge = 0; merge < slices.MergesAfter[leaf]; merge++)
            {
                float[] left = stack.Pop();
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] = left[i] + sum[i];
                }
            }

            stack.Push(sum);
        }

        if (stack.TryPop(out float[]? root))
        {
            root.CopyTo(gradient);
        }
    }
}
