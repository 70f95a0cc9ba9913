namespace DistTrain.Tensors;

/// <summary>The order of operations of <see cref="LayerNorm"/>, a row at a time, in single floats.</summary>
internal static class LayerNormReference
{
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, float epsilon, Span<float> y)
    {
        (float mean, float r) = Moments(x, epsilon);
        for (int i = 0; i < x.Length; i++)
        {
            float h = (x[i] - mean) * r;
            y[i] = gain.IsEmpty ? (bias.IsEmpty ? h : h + bias[i])
                : bias.IsEmpty ? h * gain[i]
                : MathF.FusedMultiplyAdd(h, gain[i], bias[i]);
        }
    }

    public static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, ReadOnlySpan<float> gain, float epsilon, Span<float> dx)
    {
        (float mean, float r) = Moments(x, epsilon);
        Span<float> sums = stackalloc float[16], products = stackalloc float[16];
        sums.Clear();
        products.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            float h = (x[i] - mean) * r, g = gain.IsEmpty ? dy[i] : dy[i] * gain[i];
            sums[i % 16] += g;
            products[i % 16] = MathF.FusedMultiplyAdd(g, h, products[i % 16]);
        }

        float a = Tree(sums) / x.Length, b = Tree(products) / x.Length;
        for (int i = 0; i < x.Length; i++)
        {
            float h = (x[i] - mean) * r, g = gain.IsEmpty ? dy[i] : dy[i] * gain[i];
            dx[i] = r * MathF.FusedMultiplyAdd(-h, b, g - a);
        }
    }

    public static void GainTerms(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float epsilon, Span<float> terms)
    {
        (float mean, float r) = Moments(x, epsilon);
        for (int i = 0; i < x.Length; i++)
        {
            terms[i] = dy[i] * ((x[i] - mean) * r);
        }
    }

    private static (float Mean, float R) Moments(ReadOnlySpan<float> x, float epsilon)
    {
        Span<float> lanes = stackalloc float[16];
        lanes.Fill(-0f);
        for (int i = 0; i < x.Length; i++)
        {
            lanes[i % 16] += x[i];
        }

        float mean = Tree(lanes) / x.Length;
        lanes.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            lanes[i % 16] = MathF.FusedMultiplyAdd(x[i] - mean, x[i] - mean, lanes[i % 16]);
        }

        return (mean, 1 / MathF.Sqrt((Tree(lanes) / x.Length) + epsilon));
    }

    private static float Tree(ReadOnlySpan<float> lanes)
    {
        Span<float> left = stackalloc float[16];
        lanes.CopyTo(left);
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                left[i] += left[i + half];
            }
        }

        return left[0];
    }
}
