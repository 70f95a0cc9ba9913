namespace DistTrain.Tensors;

/// <summary>
/// Scaled dot-product attention (Vaswani et al., "Attention Is All You Need", 2017, section 3.2): per sample and head
/// s = (q kᵀ) scale, p = softmax of each row over the keys it sees, y = p v. What isn't seen has p = +0.
/// </summary>
/// <remarks>
/// A head's rows are formed whole, so no block length shows. Sums are matrix products' (fma ascending) and softmax's (16 lanes).
/// Backward forms p again: it costs a quarter of backward, and keeping it would take tq tk floats a head. Positions may lie
/// apart in memory (stride), so q, k and v can be columns of one array.
/// </remarks>
public static unsafe class Attention
{
    /// <summary>y = p v.</summary>
    /// <param name="pool">Threads that share samples and heads.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="q">[n, tq, stride], of which the first Width columns are read.</param>
    /// <param name="k">[n, tk, stride]</param>
    /// <param name="v">[n, tk, stride]</param>
    /// <param name="queryStride">Floats from one position of q to the next.</param>
    /// <param name="keyStride">Likewise of k and v.</param>
    /// <param name="mask">[n, tk]: 0 where a key is padding; empty for none. A query that sees no key gives +0.</param>
    /// <param name="y">[n, tq, Width], overwritten.</param>
    public static void Forward(
        ForkJoinPool pool,
        in AttentionShape shape,
        int samples,
        ReadOnlySpan<float> q,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        int queryStride,
        int keyStride,
        ReadOnlySpan<float> mask,
        Span<float> y)
    {
        Check(pool, shape, samples, q, k, v, queryStride, keyStride, mask);
        Matrix.CheckLength(nameof(Attention), nameof(y), y, checked(samples * shape.Queries * shape.Width));
        fixed (float* pq = q, pk = k, pv = v, pm = mask, py = y)
        {
            var kernel = new AttentionKernel { Shape = shape, Q = pq, K = pk, V = pv, QueryStride = queryStride, KeyStride = keyStride, Mask = pm, Y = py };
            LaneKernels.RunSixteen(pool, samples * shape.Heads, kernel);
        }
    }

    /// <summary>dv = pᵀ dy, dp = dy vᵀ, ds = p (dp - sum of p dp) scale, dq = ds k, dk = dsᵀ q.</summary>
    /// <param name="pool">Threads that share samples and heads.</param>
    /// <param name="shape">Sizes of one sample.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="q">[n, tq, stride]</param>
    /// <param name="k">[n, tk, stride]</param>
    /// <param name="v">[n, tk, stride]</param>
    /// <param name="queryStride">Floats from one position of q and dq to the next.</param>
    /// <param name="keyStride">Likewise of k, v, dk and dv.</param>
    /// <param name="mask">[n, tk], or empty.</param>
    /// <param name="dy">[n, tq, Width]</param>
    /// <param name="dq">As q; the first Width columns are overwritten.</param>
    /// <param name="dk">As k.</param>
    /// <param name="dv">As v.</param>
    public static void Backward(
        ForkJoinPool pool,
        in AttentionShape shape,
        int samples,
        ReadOnlySpan<float> q,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        int queryStride,
        int keyStride,
        ReadOnlySpan<float> mask,
        ReadOnlySpan<float> dy,
        Span<float> dq,
        Span<float> dk,
        Span<float> dv)
    {
        Check(pool, shape, samples, q, k, v, queryStride, keyStride, mask);
        Check(pool, shape, samples, dq, dk, dv, queryStride, keyStride, mask);
        Matrix.CheckLength(nameof(Attention), nameof(dy), dy, checked(samples * shape.Queries * shape.Width));
        fixed (float* pq = q, pk = k, pv = v, pm = mask, pd = dy, pdq = dq, pdk = dk, pdv = dv)
        {
            var kernel = new AttentionKernel
            {
                Shape = shape,
                Q = pq,
                K = pk,
                V = pv,
                QueryStride = queryStride,
                KeyStride = keyStride,
                Mask = pm,
                Y = pd,
                Dq = pdq,
                Dk = pdk,
                Dv = pdv,
            };
            LaneKernels.RunSixteen(pool, samples * shape.Heads, kernel);
        }
    }

    private static void Check(
        ForkJoinPool pool,
        in AttentionShape shape,
        int samples,
        ReadOnlySpan<float> q,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        int queryStride,
        int keyStride,
        ReadOnlySpan<float> mask)
    {
        ArgumentNullException.ThrowIfNull(pool);
        shape.Check();
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(queryStride, shape.Width);
        ArgumentOutOfRangeException.ThrowIfLessThan(keyStride, shape.Width);
        CheckStrided(nameof(q), q, samples * shape.Queries, queryStride, shape.Width);
        CheckStrided(nameof(k), k, samples * shape.Keys, keyStride, shape.Width);
        CheckStrided(nameof(v), v, samples * shape.Keys, keyStride, shape.Width);
        Matrix.CheckLength(nameof(Attention), nameof(mask), mask, mask.IsEmpty ? 0 : samples * shape.Keys);
    }

    /// <summary>The last position needs its columns alone, so that a span may begin within a position.</summary>
    private static void CheckStrided(string name, ReadOnlySpan<float> x, int positions, int stride, int width)
    {
        if (positions > 0 && x.Length < ((long)(positions - 1) * stride) + width)
        {
            throw new ArgumentException($"Attention: {name} has {x.Length} floats for {positions} positions of {width} in steps of {stride}.", name);
        }
    }
}
