namespace DistTrain.Tensors;

/// <summary>The definitions, as plain loops; the kernels are tested against them bit for bit.</summary>
internal static class ReductionsReference
{
    /// <summary>The 16-lane order with absent lanes left out.</summary>
    public static float Fold(ReadOnlySpan<float> x, Func<float, float, float> combine)
    {
        var lanes = new float?[16];
        for (int i = 0; i < x.Length; i++)
        {
            float? lane = lanes[i % 16];
            lanes[i % 16] = lane is null ? x[i] : combine(lane.Value, x[i]);
        }

        for (int half = 8; half >= 1; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                if (lanes[i] is float a && lanes[i + half] is float b)
                {
                    lanes[i] = combine(a, b);
                }
                else
                {
                    lanes[i] ??= lanes[i + half];
                }
            }
        }

        return lanes[0]!.Value;
    }

    /// <summary>Per slice plain additions from +0 over the rows ascending, then the tree, for each column.</summary>
    public static void SumRowsSliced(SliceTree slices, int cols, ReadOnlySpan<float> x, Span<float> y)
    {
        y.Clear();
        for (int c = 0; c < cols; c++)
        {
            var stack = new Stack<float>();
            for (int leaf = 0; leaf < slices.PresentLeaves; leaf++)
            {
                float sum = 0;
                for (int r = 0; r < slices.RowCounts[leaf]; r++)
                {
                    sum += x[((slices.RowStarts[leaf] + r) * cols) + c];
                }

                for (int merge = 0; merge < slices.MergesAfter[leaf]; merge++)
                {
                    sum = stack.Pop() + sum;
                }

                stack.Push(sum);
            }

            if (stack.Count > 0)
            {
                y[c] = stack.Pop();
            }
        }
    }
}
