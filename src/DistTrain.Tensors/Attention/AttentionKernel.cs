using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>One head of one sample, with L of 16 lanes. Its columns are gathered first, so that products run on whole matrices.</summary>
internal unsafe struct AttentionKernel : ILaneKernel
{
    public AttentionShape Shape;
    public float* Q;
    public float* K;
    public float* V;
    public int QueryStride;
    public int KeyStride;

    /// <summary>Null for none.</summary>
    public float* Mask;

    /// <summary>y, or dy when there is a <see cref="Dq"/>.</summary>
    public float* Y;

    /// <summary>Null in the forward pass.</summary>
    public float* Dq;
    public float* Dk;
    public float* Dv;

    public readonly void Run<L, V>(int part)
        where L : struct, ILane<V>
        where V : struct
    {
        int sample = part / Shape.Heads, column = part % Shape.Heads * Shape.HeadWidth;
        int tq = Shape.Queries, tk = Shape.Keys, width = Shape.HeadWidth;
        long query = ((long)sample * tq * QueryStride) + column, key = ((long)sample * tk * KeyStride) + column;
        long output = ((long)sample * tq * Shape.Width) + column;
        float* memory = ConvolutionScratch.ForPart(Floats(tq, tk, width));
        float* q = Take(ref memory, tq * width), k = Take(ref memory, tk * width), v = Take(ref memory, tk * width);
        float* p = Take(ref memory, tq * tk), y = Take(ref memory, tq * width);
        Gather(Q + query, QueryStride, q, tq, width);
        Gather(K + key, KeyStride, k, tk, width);
        Gather(this.V + key, KeyStride, v, tk, width);
        ForkJoinPool single = ForkJoinPool.Single;
        MatMul.Nt(single, tq, tk, width, new(q, tq * width), new(k, tk * width), new(p, tq * tk));
        float* mask = Mask == null ? null : Mask + ((long)sample * tk);
        Probabilities<L, V>(p, mask);
        if (Dq == null)
        {
            MatMul.Nn(single, tq, width, tk, new(p, tq * tk), new(v, tk * width), new(y, tq * width));
            Scatter(y, Y + output, Shape.Width, tq, width);
            return;
        }

        float* ds = Take(ref memory, tq * tk), dx = Take(ref memory, Math.Max(tq, tk) * width);
        Gather(Y + output, Shape.Width, y, tq, width);
        MatMul.Tn(single, tk, width, tq, new(p, tq * tk), new(y, tq * width), new(dx, tk * width));
        Scatter(dx, Dv + key, KeyStride, tk, width);
        MatMul.Nt(single, tq, tk, width, new(y, tq * width), new(v, tk * width), new(ds, tq * tk));
        ScoreGradients<L, V>(p, ds);
        MatMul.Nn(single, tq, width, tk, new(ds, tq * tk), new(k, tk * width), new(dx, tq * width));
        Scatter(dx, Dq + query, QueryStride, tq, width);
        MatMul.Tn(single, tk, width, tq, new(ds, tq * tk), new(q, tq * width), new(dx, tk * width));
        Scatter(dx, Dk + key, KeyStride, tk, width);
    }

    /// <summary>Scores to probabilities, row by row: times scale, padding out, softmax over what the query sees, +0 beyond.</summary>
    private readonly void Probabilities<L, V>(float* p, float* mask)
        where L : struct, ILane<V>
        where V : struct
    {
        V scale = L.Create(Shape.Scale);
        for (int i = 0; i < Shape.Queries; i++)
        {
            float* row = p + ((long)i * Shape.Keys);
            int seen = Shape.Causal ? i + 1 : Shape.Keys;
            for (int j = 0; j < seen; j += 16)
            {
                Channels.Store<L, V>(L.Multiply(Channels.Load<L, V>(row + j, seen - j), scale), row + j, seen - j);
            }

            new Span<float>(row + seen, Shape.Keys - seen).Clear();
            if (mask != null && !Hide(row, mask, seen))
            {
                new Span<float>(row, seen).Clear();
                continue;
            }

            var call = new SoftmaxCall { Kind = SoftmaxKind.Probabilities, X = row, Y = row, Rows = 1, Cols = seen };
            SoftmaxKernel<L, V>.Rows(&call, 0, 1);
        }
    }

    /// <summary>ds = p (dp - sum of p dp), times scale.</summary>
    private readonly void ScoreGradients<L, V>(float* p, float* ds)
        where L : struct, ILane<V>
        where V : struct
    {
        V scale = L.Create(Shape.Scale);
        for (int i = 0; i < Shape.Queries; i++)
        {
            long start = (long)i * Shape.Keys;
            float* row = ds + start;
            int seen = Shape.Causal ? i + 1 : Shape.Keys;
            var call = new SoftmaxCall { Kind = SoftmaxKind.Backward, X = p + start, Z = row, Y = row, Rows = 1, Cols = seen };
            SoftmaxKernel<L, V>.Rows(&call, 0, 1);
            for (int j = 0; j < seen; j += 16)
            {
                Channels.Store<L, V>(L.Multiply(Channels.Load<L, V>(row + j, seen - j), scale), row + j, seen - j);
            }

            new Span<float>(row + seen, Shape.Keys - seen).Clear();
        }
    }

    /// <summary>Padding gets a score of -infinity, whose exponential is +0; false when there is nothing else.</summary>
    private static bool Hide(float* row, float* mask, int seen)
    {
        bool any = false;
        for (int j = 0; j < seen; j++)
        {
            if (mask[j] == 0)
            {
                row[j] = float.NegativeInfinity;
            }
            else
            {
                any = true;
            }
        }

        return any;
    }

    private static long Floats(int tq, int tk, int width) =>
        (4 * ConvolutionScratch.Aligned((long)Math.Max(tq, tk) * width)) + ConvolutionScratch.Aligned((long)tq * width) + (2 * ConvolutionScratch.Aligned((long)tq * tk));

    private static float* Take(ref float* memory, int floats)
    {
        float* taken = memory;
        memory += ConvolutionScratch.Aligned(floats);
        return taken;
    }

    private static void Gather(float* x, int stride, float* to, int rows, int width)
    {
        for (int i = 0; i < rows; i++)
        {
            Unsafe.CopyBlockUnaligned(to + ((long)i * width), x + ((long)i * stride), (uint)(width * sizeof(float)));
        }
    }

    private static void Scatter(float* x, float* to, int stride, int rows, int width)
    {
        for (int i = 0; i < rows; i++)
        {
            Unsafe.CopyBlockUnaligned(to + ((long)i * stride), x + ((long)i * width), (uint)(width * sizeof(float)));
        }
    }
}
