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
public static unsafe class MatMul
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
        bool relu = false) => Nn(MatMulKernels.Best, pool, m, n, k, a, b, c, bias, relu);

    /// <summary>As the public product, with the kernels of one vector width; the default value means the reference.</summary>
    internal static void Nn(
        MatMulKernels kernels,
        ForkJoinPool pool,
        int m,
        int n,
        int k,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> c,
        ReadOnlySpan<float> bias,
        bool relu)
    {
        Check(pool, "Nn", m, n, k, a, b, c);
        if (!bias.IsEmpty)
        {
            CheckLength("Nn", nameof(bias), bias, n, 1);
        }

        if (kernels.Lanes == 0)
        {
            MatMulReference.Nn(m, n, k, a, b, c, bias, relu);
            return;
        }

        fixed (float* pointerBias = bias)
        {
            var call = new MatMulContext { Bias = pointerBias, Relu = relu };
            Run(kernels, pool, m, n, k, a, b, c, ref call);
        }
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
    public static void Nt(ForkJoinPool pool, int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c) =>
        Nt(MatMulKernels.Best, pool, m, n, k, a, b, c);

    /// <inheritdoc cref="Nn(MatMulKernels, ForkJoinPool, int, int, int, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, ReadOnlySpan{float}, bool)"/>
    internal static void Nt(
        MatMulKernels kernels,
        ForkJoinPool pool,
        int m,
        int n,
        int k,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> c)
    {
        Check(pool, "Nt", m, n, k, a, b, c);
        if (kernels.Lanes == 0)
        {
            MatMulReference.Nt(m, n, k, a, b, c);
            return;
        }

        var call = new MatMulContext { TransposeB = true };
        Run(kernels, pool, m, n, k, a, b, c, ref call);
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
        ForkJoinPool pool, int m, int n, SliceTree slices, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c) =>
        TnSliced(MatMulKernels.Best, pool, m, n, slices, a, b, c);

    /// <inheritdoc cref="Nn(MatMulKernels, ForkJoinPool, int, int, int, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, ReadOnlySpan{float}, bool)"/>
    internal static void TnSliced(
        MatMulKernels kernels,
        ForkJoinPool pool,
        int m,
        int n,
        SliceTree slices,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> c)
    {
        ArgumentNullException.ThrowIfNull(slices);
        Check(pool, "TnSliced", m, n, slices.Rows, a, b, c);
        if (slices.PresentLeaves == 0)
        {
            c.Clear();
            return;
        }

        if (kernels.Lanes == 0)
        {
            MatMulReference.TnSliced(m, n, slices, a, b, c);
            return;
        }

        fixed (int* rowCounts = slices.RowCounts, mergesAfter = slices.MergesAfter)
        {
            var call = new MatMulContext
            {
                Leaves = new SliceLeaves
                {
                    Count = slices.PresentLeaves,
                    RowCounts = rowCounts,
                    MergesAfter = mergesAfter,
                    StackDepth = slices.StackDepth,
                },
            };
            Run(kernels, pool, m, n, slices.Rows, a, b, c, ref call);
        }
    }

    /// <summary>c = aᵀ b: c[i,j] = sum over r of a[r,i] b[r,j]; <see cref="TnSliced(ForkJoinPool, int, int, SliceTree, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float})"/> with one slice.</summary>
    internal static void Tn(ForkJoinPool pool, int m, int n, int rows, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        Check(pool, "Tn", m, n, rows, a, b, c);
        MatMulKernels kernels = MatMulKernels.Best;
        if (kernels.Lanes == 0)
        {
            MatMulReference.TnSliced(m, n, SliceTree.Create([rows]), a, b, c);
            return;
        }

        int merges = 0;
        var call = new MatMulContext { Leaves = new SliceLeaves { Count = 1, RowCounts = &rows, MergesAfter = &merges, StackDepth = 1 } };
        Run(kernels, pool, m, n, rows, a, b, c, ref call);
    }

    private static void Run(
        MatMulKernels kernels,
        ForkJoinPool pool,
        int m,
        int n,
        int k,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> c,
        ref MatMulContext call)
    {
        if (c.IsEmpty)
        {
            return;
        }

        call.Kernels = kernels;
        call.M = m;
        call.N = n;
        call.K = k;
        bool sliced = call.Leaves.Count > 0;
        call.TileRows = sliced ? kernels.SlicedRows(1) : kernels.Rows;
        int parts = call.Divide(pool.Threads, sliced ? m : MatMulParts.RowsMax);
        fixed (float* pointerA = a, pointerB = b, pointerC = c)
        fixed (MatMulContext* pointer = &call)
        {
            call.A = pointerA;
            call.B = pointerB;
            call.C = pointerC;
            pool.Run(parts, sliced ? &MatMulParts.Sliced : &MatMulParts.Direct, pointer);
        }
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
