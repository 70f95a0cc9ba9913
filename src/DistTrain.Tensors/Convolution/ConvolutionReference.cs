namespace DistTrain.Tensors;

/// <summary>The definition of a convolution's bits: one scalar chain per output element. Fast kernels are tested against it.</summary>
/// <remarks>
/// Forward and data gradient: taps that fall outside contribute no operation. Weight gradient: positions of x outside are
/// zeros that are multiplied, so that one chain over all output pixels serves every weight.
/// </remarks>
internal static class ConvolutionReference
{
    /// <summary>y[n,oy,ox,co] = activation(Σ over (ky,kx,ci) ascending of x·w, then + bias[co]).</summary>
    internal static void Forward(
        in ConvolutionShape shape,
        int samples,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> w,
        Span<float> y,
        ReadOnlySpan<float> bias = default,
        bool relu = false)
    {
        ConvolutionShape s = shape;
        int index = 0;
        for (int n = 0; n < samples; n++)
        {
            for (int oy = 0; oy < s.OutHeight; oy++)
            {
                for (int ox = 0; ox < s.OutWidth; ox++)
                {
                    for (int co = 0; co < s.OutChannels; co++)
                    {
                        float acc = 0;
                        for (int ky = 0; ky < s.KernelHeight; ky++)
                        {
                            for (int kx = 0; kx < s.KernelWidth; kx++)
                            {
                                int iy = (oy * s.StrideHeight) - s.PadTop + ky, ix = (ox * s.StrideWidth) - s.PadLeft + kx;
                                if (iy < 0 || iy >= s.InHeight || ix < 0 || ix >= s.InWidth)
                                {
                                    continue;
                                }

                                for (int ci = 0; ci < s.InChannels; ci++)
                                {
                                    acc = MathF.FusedMultiplyAdd(x[X(s, n, iy, ix, ci)], w[W(s, ky, kx, ci, co)], acc);
                                }
                            }
                        }

                        acc = bias.IsEmpty ? acc : acc + bias[co];
                        y[index++] = relu && acc <= 0 ? 0 : acc;
                    }
                }
            }
        }
    }

    /// <summary>dx[n,iy,ix,ci] = Σ over (ky,kx,co) ascending of dy·w, over the windows that cover (iy,ix).</summary>
    internal static void BackwardData(
        in ConvolutionShape shape, int samples, ReadOnlySpan<float> dy, ReadOnlySpan<float> w, Span<float> dx)
    {
        ConvolutionShape s = shape;
        int index = 0;
        for (int n = 0; n < samples; n++)
        {
            for (int iy = 0; iy < s.InHeight; iy++)
            {
                for (int ix = 0; ix < s.InWidth; ix++)
                {
                    for (int ci = 0; ci < s.InChannels; ci++)
                    {
                        float acc = 0;
                        for (int ky = 0; ky < s.KernelHeight; ky++)
                        {
                            for (int kx = 0; kx < s.KernelWidth; kx++)
                            {
                                int vertical = iy + s.PadTop - ky, horizontal = ix + s.PadLeft - kx;
                                if (vertical % s.StrideHeight != 0 || horizontal % s.StrideWidth != 0)
                                {
                                    continue;
                                }

                                int oy = vertical / s.StrideHeight, ox = horizontal / s.StrideWidth;
                                if (oy < 0 || oy >= s.OutHeight || ox < 0 || ox >= s.OutWidth)
                                {
                                    continue;
                                }

                                for (int co = 0; co < s.OutChannels; co++)
                                {
                                    acc = MathF.FusedMultiplyAdd(dy[Y(s, n, oy, ox, co)], w[W(s, ky, kx, ci, co)], acc);
                                }
                            }
                        }

                        dx[index++] = acc;
                    }
                }
            }
        }
    }

    /// <summary>dw[ky,kx,ci,co] = tree over slices of Σ over (n,oy,ox) ascending of x·dy.</summary>
    internal static void BackwardWeights(
        in ConvolutionShape shape, SliceTree slices, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dw)
    {
        ConvolutionShape s = shape;
        var sums = new Stack<float>();
        int index = 0;
        for (int ky = 0; ky < s.KernelHeight; ky++)
        {
            for (int kx = 0; kx < s.KernelWidth; kx++)
            {
                for (int ci = 0; ci < s.InChannels; ci++)
                {
                    for (int co = 0; co < s.OutChannels; co++)
                    {
                        for (int leaf = 0; leaf < slices.PresentLeaves; leaf++)
                        {
                            float sum = LeafSum(s, slices.RowStarts[leaf], slices.RowCounts[leaf], x, dy, ky, kx, ci, co);
                            for (int merge = 0; merge < slices.MergesAfter[leaf]; merge++)
                            {
                                sum = sums.Pop() + sum;
                            }

                            sums.Push(sum);
                        }

                        dw[index++] = sums.Count > 0 ? sums.Pop() : 0;
                    }
                }
            }
        }
    }

    private static float LeafSum(
        in ConvolutionShape s, int start, int count, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, int ky, int kx, int ci, int co)
    {
        float acc = 0;
        for (int n = start; n < start + count; n++)
        {
            for (int oy = 0; oy < s.OutHeight; oy++)
            {
                for (int ox = 0; ox < s.OutWidth; ox++)
                {
                    int iy = (oy * s.StrideHeight) - s.PadTop + ky, ix = (ox * s.StrideWidth) - s.PadLeft + kx;
                    bool inside = iy >= 0 && iy < s.InHeight && ix >= 0 && ix < s.InWidth;
                    acc = MathF.FusedMultiplyAdd(inside ? x[X(s, n, iy, ix, ci)] : 0f, dy[Y(s, n, oy, ox, co)], acc);
                }
            }
        }

        return acc;
    }

    private static int X(in ConvolutionShape s, int n, int iy, int ix, int ci) =>
        (((((n * s.InHeight) + iy) * s.InWidth) + ix) * s.InChannels) + ci;

    private static int Y(in ConvolutionShape s, int n, int oy, int ox, int co) =>
        (((((n * s.OutHeight) + oy) * s.OutWidth) + ox) * s.OutChannels) + co;

    private static int W(in ConvolutionShape s, int ky, int kx, int ci, int co) =>
        (((((ky * s.KernelWidth) + kx) * s.InChannels) + ci) * s.OutChannels) + co;
}
