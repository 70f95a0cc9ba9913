namespace DistTrain.Tensors.Tests;

public class DepthwiseConvolutionTests
{
    public static TheoryData<int, int, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int, bool>();
            foreach (int channels in new[] { 1, 5, 16, 35, 70 })
            {
                cases.Add(channels, 3, 1, true);
                cases.Add(channels, 3, 2, true);
                cases.Add(channels, 2, 3, false);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_width_and_pool_gives_the_bits_of_the_definition(int channels, int window, int stride, bool same)
    {
        var shape = same
            ? PoolingShape.Same(6, 7, channels, window, window, stride, stride)
            : PoolingShape.Valid(6, 7, channels, window, window, stride, stride);
        var slices = SliceTree.Create([2, 0, 1, 2]);
        float[] x = KernelData.Floats(5 * shape.InLength, 1), w = KernelData.Floats(window * window * channels, 2), dy = KernelData.Floats(5 * shape.OutLength, 3);
        float[] y = EveryWidth.GivesTheSameBits("forward", pool => Run(dy.Length, to => DepthwiseConvolution.Forward(pool, shape, 5, x, w, to)));
        float[] dx = EveryWidth.GivesTheSameBits("data", pool => Run(x.Length, to => DepthwiseConvolution.BackwardData(pool, shape, 5, dy, w, to)));
        float[] dw = EveryWidth.GivesTheSameBits("weights", pool => Run(3 * w.Length, to => DepthwiseConvolution.BackwardWeights(pool, shape, slices, x, dy, to)));
        float[] exactY = new float[y.Length], exactDx = new float[dx.Length], exactDw = new float[dw.Length];
        Walk(shape, (o, tap, i) => exactY[o] = MathF.FusedMultiplyAdd(x[i], w[tap], exactY[o]));
        Walk(shape, (o, tap, i) => exactDx[i] = MathF.FusedMultiplyAdd(dy[o], w[tap], exactDx[i]));
        Walk(shape, (o, tap, i) =>
        {
            int sample = o / shape.OutLength, leaf = sample < 2 ? 0 : sample < 3 ? 1 : 2, at = (leaf * w.Length) + tap;
            exactDw[at] = MathF.FusedMultiplyAdd(x[i], dy[o], exactDw[at]);
        });
        Bits.Equal(exactY, y, "forward");
        Bits.Equal(exactDx, dx, "data");
        Bits.Equal(exactDw, dw, "weights");
    }

    /// <summary>Every multiplication there is, (sample, oy, ox, ky, kx) ascending: places in y, w and x.</summary>
    private static void Walk(PoolingShape s, Action<int, int, int> visit)
    {
        for (int o = 0; o < 5 * s.OutHeight * s.OutWidth; o++)
        {
            int ox = o % s.OutWidth, oy = o / s.OutWidth % s.OutHeight, sample = o / s.OutWidth / s.OutHeight;
            for (int k = 0; k < s.PoolHeight * s.PoolWidth; k++)
            {
                int iy = (oy * s.StrideHeight) + (k / s.PoolWidth) - s.PadTop, ix = (ox * s.StrideWidth) + (k % s.PoolWidth) - s.PadLeft;
                for (int c = 0; c < s.Channels && iy >= 0 && iy < s.InHeight && ix >= 0 && ix < s.InWidth; c++)
                {
                    visit((o * s.Channels) + c, (k * s.Channels) + c, (sample * s.InLength) + (((iy * s.InWidth) + ix) * s.Channels) + c);
                }
            }
        }
    }

    private delegate void Kernel(Span<float> to);

    private static float[] Run(int length, Kernel kernel)
    {
        float[] to = KernelData.Nan(length);
        kernel(to);
        return to;
    }
}
