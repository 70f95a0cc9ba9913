namespace DistTrain.Tensors;

/// <summary>
/// The three matrix products of training a dense layer, row-major: forward (Nn), data gradient (Nt) and weight gradient
/// (TnSliced). The letters say which operand is read transposed.
/// </summary>
/// <remarks>
/// Order of operations (docs/numerics.md): each output is one chain acc = fma(a, b, acc) from +0 with the summed index
/// ascending, so a row of a product doesn't depend on how many other rows there are, and neither threads nor vector width nor
/// blocking show in the bits. c is overwritten and may not overlap an input. No call allocates once a thread has its scratch.
/// </remarks>
public static class MatMul
{
    /// <summary>c = a b [+ bias] [then relu]: c[i,j] = sum over k of a[i,k] b[k,j].</summary>
    /// <param name="pool">Threads that share the work.</param>
    /// <param name="m">Rows of a and c, 0 or more.</param>
    /// <param name="n">Columns of b and c.</param>
    /// <param name="k">Columns of a, rows of b; 0 gives +0 before the bias.</param>
    /// <param name="a">[m, k]</param>
    /// <param name="b">[k, n]</param>
    /// <param name="c">[m, n]</param>
    /// <param name="bias">[n], added to the finished product with one rounding; empty for none.</param>
    /// <param name="relu">x &lt;= 0 becomes +0, after the bias; NaN passes.</param>
    /// <exception cref="ArgumentException">A size is negative, a span has another length than its shape, or c overlaps an input.</exception>
    public static void Nn(
        ForkJoinPool pool,
        int m,
        int n,
        int k,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> c,
        ReadOnlySpan<float> bias = default,
        bool relu = false)
    {
        Check(pool, "Nn", m, n, k, a, b, c);
        if (!bias.IsEmpty)
        {
            CheckLength("Nn", nameof(bias), bias, n, 1);
        }

        MatMulReference.Nn(m, n, k, a, b, c, bias, relu);
    }

    /// <summary>c = a bᵀ: c[i,j] = sum over k of a[i,k] b[j,k].</summary>
    /// <param name="pool">Threads that share the work.</param>
    /// <param name="m">Rows of a and c, 0 or more.</param>
    /// <param name="n">Rows of b, columns of c.</param>
    /// <param name="k">Columns of a and b; 0 gives +0.</param>
    /// <param name="a">[m, k]</param>
    /// <param name="b">[n, k]</param>
    /// <param name="c">[m, n]</param>
    /// <exception cref="ArgumentException">A size is negative, a span has another length than its shape, or c overlaps an input.</exception>
    public static void Nt(ForkJoinPool pool, int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        Check(pool, "Nt", m, n, k, a, b, c);
        MatMulReference.Nt(m, n, k, a, b, c);
    }

    /// <summary>c = aᵀ b, formed per slice of the rows and summed up the tree: c[i,j] = tree sum of (sum over r of a[r,i] b[r,j]).</summary>
    /// <param name="pool">Threads that share the work.</param>
    /// <param name="m">Columns of a, rows of c.</param>
    /// <param name="n">Columns of b and c.</param>
    /// <param name="slices">Which rows form a slice, and the tree over them; without any row c becomes +0.</param>
    /// <param name="a">[slices.Rows, m]</param>
    /// <param name="b">[slices.Rows, n]</param>
    /// <param name="c">[m, n]</param>
    /// <exception cref="ArgumentException">A size is negative, a span has another length than its shape, or c overlaps an input.</exception>
    public static void TnSliced(
        ForkJoinPool pool, int m, int n, SliceTree slices, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        ArgumentNullException.ThrowIfNull(slices);
        Check(pool, "TnSliced", m, n, slices.Rows, a, b, c);
        MatMulReference.TnSliced(m, n, slices, a, b, c);
    }

    private static void Check(
        ForkJoinPool pool, string product, int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        CheckLength(product, nameof(a), a, m, k);
        CheckLength(product, nameof(b), b, k, n);
        CheckLength(product, nameof(c), c, m, n);
        if (c.Overlaps(a) || c.Overlaps(b))
        {
            throw new ArgumentException($"MatMul.{product}: c overlaps an input.", nameof(c));
        }
    }

    private static void CheckLength(string product, string name, ReadOnlySpan<float> span, int rows, int cols)
    {
        if (span.Length != (long)rows * cols)
        {
            throw new ArgumentException($"MatMul.{product}: {name} has {span.Length} floats, its shape {rows} x {cols}.", name);
        }
    }
}
