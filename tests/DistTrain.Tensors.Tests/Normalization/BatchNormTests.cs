namespace DistTrain.Tensors.Tests;

public class BatchNormTests
{
    private static readonly SliceTree Slices = SliceTree.Create([40, 0, 1, 23]);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(70)]
    public void Every_width_and_pool_gives_the_bits_of_single_floats(int channels)
    {
        int length = Slices.Rows * channels, leaves = Slices.PresentLeaves * channels;
        float[] x = KernelData.Floats(length, 1), dy = KernelData.Floats(length, 2);
        float[] gain = Bits.Finite(channels, 3), bias = Bits.Finite(channels, 4);
        float[] a = Bits.Finite(leaves, 5), b = Bits.Finite(leaves, 6), r = Bits.Finite(leaves, 7);
        float[] moments = EveryWidth.GivesTheSameBits("statistics", pool =>
        {
            float[] to = KernelData.Nan(2 * leaves);
            BatchNorm.Statistics(pool, Slices, channels, x, to.AsSpan(0, leaves), to.AsSpan(leaves));
            return to;
        });
        float[] mean = moments[..leaves];
        EveryWidth.GivesTheSameBits("sums", pool =>
        {
            float[] to = KernelData.Nan(2 * leaves);
            BatchNorm.GradientSums(pool, Slices, channels, x, dy, mean, r, to.AsSpan(0, leaves), to.AsSpan(leaves));
            return to;
        });
        EveryWidth.GivesTheSameBits("normalize", pool =>
        {
            float[] to = KernelData.Nan(length);
            BatchNorm.Normalize(pool, Slices, channels, x, mean, r, gain, bias, to);
            return to;
        });
        EveryWidth.GivesTheSameBits("normalize all", pool =>
        {
            float[] to = KernelData.Nan(length);
            BatchNorm.Normalize(pool, Slices.Rows, channels, x, mean.AsSpan(0, channels), r.AsSpan(0, channels), gain, bias, to);
            return to;
        });
        EveryWidth.GivesTheSameBits("data gradient", pool =>
        {
            float[] to = KernelData.Nan(length);
            BatchNorm.BackwardData(pool, Slices, channels, x, dy, mean, r, gain, a, b, to);
            return to;
        });
        Definition(x, channels, moments);
    }

    /// <summary>Per slice and channel, rows ascending, as docs/numerics.md has it.</summary>
    private static void Definition(float[] x, int channels, float[] moments)
    {
        int leaves = Slices.PresentLeaves * channels;
        for (int leaf = 0; leaf < Slices.PresentLeaves; leaf++)
        {
            for (int c = 0; c < channels; c++)
            {
                int first = Slices.RowStarts[leaf], count = Slices.RowCounts[leaf];
                float sum = 0, squares = 0;
                for (int row = first; row < first + count; row++)
                {
                    sum += x[(row * channels) + c];
                }

                float mean = sum / count;
                for (int row = first; row < first + count; row++)
                {
                    float d = x[(row * channels) + c] - mean;
                    squares = MathF.FusedMultiplyAdd(d, d, squares);
                }

                Bits.Equal([mean, squares / count], [moments[(leaf * channels) + c], moments[leaves + (leaf * channels) + c]], $"slice {leaf}, channel {c}");
            }
        }
    }
}
