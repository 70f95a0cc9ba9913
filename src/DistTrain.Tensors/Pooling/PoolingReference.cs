namespace DistTrain.Tensors;

/// <summary>The definition of pooling's bits, one element at a time. Fast kernels are tested against it.</summary>
internal static class PoolingReference
{
    /// <summary>m = the first position's value; then, over (y, x) ascending, m = v > m or v is NaN ? v : m.</summary>
    internal static void MaxForward(in PoolingShape shape, int samples, ReadOnlySpan<float> x, Span<float> y)
    {
        for (int n = 0, index = 0; n < samples; n++)
        {
            for (int oy = 0; oy < shape.OutHeight; oy++)
            {
                for (int ox = 0; ox < shape.OutWidth; ox++)
                {
                    var window = new PoolingWindow(shape, oy, ox);
                    for (int c = 0; c < shape.Channels; c++)
                    {
                        float max = x[X(shape, n, window.Top, window.Left, c)];
                        for (int iy = window.Top; iy < window.Bottom; iy++)
                        {
                            for (int ix = window.Left; ix < window.Right; ix++)
                            {
                                float v = x[X(shape, n, iy, ix, c)];
                                max = v > max || float.IsNaN(v) ? v : max;
                            }
                        }

                        y[index++] = max;
                    }
                }
            }
        }
    }

    /// <summary>
    /// dx = +0; then windows (oy, ox) ascending add dy to the first position, in (y, x) order, whose x equals y.
    /// A window whose maximum is NaN adds nothing.
    /// </summary>
    internal static void MaxBackward(
        in PoolingShape shape, int samples, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx)
    {
        dx.Clear();
        for (int n = 0, index = 0; n < samples; n++)
        {
            for (int oy = 0; oy < shape.OutHeight; oy++)
            {
                for (int ox = 0; ox < shape.OutWidth; ox++)
                {
                    var window = new PoolingWindow(shape, oy, ox);
                    for (int c = 0; c < shape.Channels; c++, index++)
                    {
                        int first = FirstEqual(shape, window, n, c, x, y[index]);
                        if (first >= 0)
                        {
                            dx[first] += dy[index];
                        }
                    }
                }
            }
        }
    }

    /// <summary>acc = +0; plain additions over the positions inside, (y, x) ascending; then divided by their count.</summary>
    internal static void AverageForward(in PoolingShape shape, int samples, ReadOnlySpan<float> x, Span<float> y)
    {
        for (int n = 0, index = 0; n < samples; n++)
        {
            for (int oy = 0; oy < shape.OutHeight; oy++)
            {
                for (int ox = 0; ox < shape.OutWidth; ox++)
                {
                    var window = new PoolingWindow(shape, oy, ox);
                    for (int c = 0; c < shape.Channels; c++)
                    {
                        float acc = 0;
                        for (int iy = window.Top; iy < window.Bottom; iy++)
                        {
                            for (int ix = window.Left; ix < window.Right; ix++)
                            {
                                acc += x[X(shape, n, iy, ix, c)];
                            }
                        }

                        y[index++] = acc / window.Positions;
                    }
                }
            }
        }
    }

    /// <summary>dx = +0; then windows (oy, ox) ascending add dy / (their count of positions inside) to each of them.</summary>
    internal static void AverageBackward(in PoolingShape shape, int samples, ReadOnlySpan<float> dy, Span<float> dx)
    {
        dx.Clear();
        for (int n = 0, index = 0; n < samples; n++)
        {
            for (int oy = 0; oy < shape.OutHeight; oy++)
            {
                for (int ox = 0; ox < shape.OutWidth; ox++)
                {
                    var window = new PoolingWindow(shape, oy, ox);
                    for (int c = 0; c < shape.Channels; c++, index++)
                    {
                        float share = dy[index] / window.Positions;
                        for (int iy = window.Top; iy < window.Bottom; iy++)
                        {
                            for (int ix = window.Left; ix < window.Right; ix++)
                            {
                                dx[X(shape, n, iy, ix, c)] += share;
                            }
                        }
                    }
                }
            }
        }
    }

    private static int FirstEqual(in PoolingShape shape, in PoolingWindow window, int n, int c, ReadOnlySpan<float> x, float y)
    {
        for (int iy = window.Top; iy < window.Bottom; iy++)
        {
            for (int ix = window.Left; ix < window.Right; ix++)
            {
                int index = X(shape, n, iy, ix, c);
                if (x[index] == y)
                {
                    return index;
                }
            }
        }

        return -1;
    }

    private static int X(in PoolingShape shape, int n, int iy, int ix, int c) =>
        (((((n * shape.InHeight) + iy) * shape.InWidth) + ix) * shape.Channels) + c;
}
