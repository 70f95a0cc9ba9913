namespace DistTrain.Tensors.Tests;

public class UpSamplingTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(19, false)]
    [InlineData(1, true)]
    [InlineData(19, true)]
    [InlineData(48, true)]
    public void Every_width_and_pool_gives_the_bits_of_single_floats(int channels, bool bilinear)
    {
        var size = new UpSamplingShape(3, 4, channels, 2, 3, bilinear);
        float[] x = KernelData.Floats(5 * size.InLength, 1), dy = KernelData.Floats(5 * size.OutLength, 2);
        float[] y = EveryWidth.GivesTheSameBits("forward", pool =>
        {
            float[] to = KernelData.Nan(dy.Length);
            UpSampling.Forward(pool, size, 5, x, to);
            return to;
        });
        EveryWidth.GivesTheSameBits("backward", pool =>
        {
            float[] to = KernelData.Nan(x.Length);
            UpSampling.Backward(pool, size, 5, dy, to);
            return to;
        });
        Assert.DoesNotContain(float.NaN, y);
        Assert.True(bilinear || y[channels] == x[0], "the second pixel repeats the first");
    }
}
