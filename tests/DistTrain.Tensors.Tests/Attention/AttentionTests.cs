namespace DistTrain.Tensors.Tests;

public class AttentionTests
{
    [Theory]
    [InlineData(5, 5, 3, 4, true, true)]
    [InlineData(5, 5, 1, 7, false, true)]
    [InlineData(17, 17, 2, 16, true, false)]
    [InlineData(3, 21, 2, 5, false, false)]
    [InlineData(1, 1, 1, 1, true, false)]
    [InlineData(64, 64, 4, 32, true, false)]
    public void Every_width_and_pool_gives_the_same_bits(int queries, int keys, int heads, int width, bool causal, bool masked)
    {
        const int Samples = 3;
        var shape = new AttentionShape(queries, keys, heads, width, causal);
        float[] q = Bits.Finite(Samples * queries * shape.Width, 1), kv = Bits.Finite(Samples * keys * 2 * shape.Width, 2), dy = Bits.Finite(q.Length, 3);
        float[] mask = masked ? [.. Enumerable.Range(0, Samples * keys).Select(i => i % 3 == 1 || i < 2 ? 0f : 1f)] : [];
        float[] y = EveryWidth.GivesTheSameBits("forward", pool =>
        {
            float[] to = KernelData.Nan(q.Length);
            Attention.Forward(pool, shape, Samples, q, kv, kv.AsSpan(shape.Width), shape.Width, 2 * shape.Width, mask, to);
            return to;
        });
        float[] gradients = EveryWidth.GivesTheSameBits("backward", pool =>
        {
            float[] to = KernelData.Nan(q.Length + kv.Length);
            Span<float> dq = to.AsSpan(0, q.Length), dkv = to.AsSpan(q.Length);
            Attention.Backward(pool, shape, Samples, q, kv, kv.AsSpan(shape.Width), shape.Width, 2 * shape.Width, mask, dy, dq, dkv, dkv[shape.Width..]);
            return to;
        });
        Assert.DoesNotContain(float.NaN, y);
        Assert.DoesNotContain(float.NaN, gradients);
        if (masked)
        {
            // Sample 0's first two keys are padding: with causal attention its first query sees nothing.
            Assert.Equal(causal, y.AsSpan(0, shape.Width).IndexOfAnyExcept(0f) < 0);
        }
    }

    [Fact]
    public void Equal_scores_give_the_mean_of_the_values_seen()
    {
        var shape = new AttentionShape(3, 3, 1, 2, Causal: true);
        float[] q = new float[6], v = [1, 10, 2, 20, 6, 60], y = new float[6];
        Attention.Forward(ForkJoinPool.Single, shape, 1, q, q, v, 2, 2, [], y);
        Assert.Equal([1f, 10, 1.5f, 15, 3, 30], y.Select(value => MathF.Round(value, 4)));
    }

    [Fact]
    public void Impossible_sizes_and_short_spans_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Run(new AttentionShape(3, 2, 1, 2, Causal: true), 6, 4));
        Assert.Throws<ArgumentException>(() => Run(new AttentionShape(3, 3, 0, 2, Causal: false), 6, 6));
        Assert.Throws<ArgumentException>(() => Run(new AttentionShape(3, 3, 1, 2, Causal: false), 6, 5));

        static void Run(AttentionShape shape, int q, int k) =>
            Attention.Forward(ForkJoinPool.Single, shape, 1, new float[q], new float[k], new float[k], 2, 2, [], new float[q]);
    }
}
