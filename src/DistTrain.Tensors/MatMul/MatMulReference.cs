namespace DistTrain.Tensors;

/// <summary>
/// The definition of the three matrix products, element by element in the order of docs/numerics.md. Kept slow and obvious:
/// every fast kernel is tested against it bit for bit, and it is what runs where no fused multiply-add instruction exists.
/// </summary>
internal static class MatMulReference
{
    /// <summary>c[i,j] = relu(bias[j] + sum over k of a[i,k] b[k,j]).</summary>
    public static void Nn(
        int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, ReadOnlySpan<float> bias, bool relu)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float acc = 0;
                for (int p = 0; p < k; p++)
                {
                    acc = MathF.FusedMultiplyAdd(a[(i * k) + p], b[(p * n) + j], acc);
                }

                acc = bias.IsEmpty ? acc : acc + bias[j];
                c[(i * n) + j] = relu && acc <= 0 ? 0 : acc;
            }
        }
    }

    /// <summary>c[i,j] = sum over k of a[i,k] b[j,k].</summary>
    public static void Nt(int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float acc = 0;
                for (int p = 0; p < k; p++)
                {
                    acc = MathF.FusedMultiplyAdd(a[(i * k) + p], b[(j * k) + p], acc);
                }

                c[(i * n) + j] = acc;
            }
        }
    }

    /// <summary>c[i,j] = tree sum over the slices of (sum over the slice's rows r of a[r,i] b[r,j]); +0 without any row.</summary>
    public static void TnSliced(int m, int n, SliceTree slices, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        Span<float> stack = stackalloc float[slices.StackDepth + 1];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                int depth = 0;
                float acc = 0;
                for (int leaf = 0; leaf < slices.PresentLeaves; leaf++)
                {
                    acc = 0;
                    int start = slices.RowStarts[leaf];
                    for (int row = start; row < start + slices.RowCounts[leaf]; row++)
                    {
                        acc = MathF.FusedMultiplyAdd(a[(row * m) + i], b[(row * n) + j], acc);
                    }

                    for (int merge = slices.MergesAfter[leaf]; merge > 0; merge--)
                    {
                        acc = stack[--depth] + acc;
                    }

                    stack[depth++] = acc;
                }

                c[(i * n) + j] = acc;
            }
        }
    }
}
