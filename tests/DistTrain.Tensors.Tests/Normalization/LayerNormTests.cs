namespace DistTrain.Tensors.Tests;

public class LayerNormTests
{
    private const float Epsilon = 1e-5f;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(128)]
    [InlineData(203)]
    public void Every_width_and_pool_gives_the_bits_of_the_reference(int cols)
    {
        const int Rows = 150;
        float[] x = KernelData.Floats(Rows * cols, 1), dy = KernelData.Floats(Rows * cols, 2);
        foreach ((bool scale, bool center) in new[] { (true, true), (true, false), (false, true), (false, false) })
        {
            float[] gain = scale ? Bits.Finite(cols, 3) : [], bias = center ? Bits.Finite(cols, 4) : [];
            float[] y = EveryWidth.GivesTheSameBits($"forward of {cols}", pool => Run(x.Length, to => LayerNorm.Forward(pool, Rows, cols, x, gain, bias, Epsilon, to)));
            float[] dx = EveryWidth.GivesTheSameBits($"backward of {cols}", pool => Run(x.Length, to => LayerNorm.BackwardData(pool, Rows, cols, x, dy, gain, Epsilon, to)));
            float[] terms = EveryWidth.GivesTheSameBits($"terms of {cols}", pool => Run(x.Length, to => LayerNorm.GainTerms(pool, Rows, cols, x, dy, Epsilon, to)));
            float[] expected = new float[cols];
            for (int row = 0; row < Rows; row++)
            {
                Range part = (row * cols)..((row + 1) * cols);
                LayerNormReference.Forward(x.AsSpan(part), gain, bias, Epsilon, expected);
                Bits.Equal(expected, y.AsSpan(part), $"forward, row {row} of {cols}");
                LayerNormReference.Backward(x.AsSpan(part), dy.AsSpan(part), gain, Epsilon, expected);
                Bits.Equal(expected, dx.AsSpan(part), $"backward, row {row} of {cols}");
                LayerNormReference.GainTerms(x.AsSpan(part), dy.AsSpan(part), Epsilon, expected);
                Bits.Equal(expected, terms.AsSpan(part), $"terms, row {row} of {cols}");
            }
        }
    }

    [Fact]
    public void Rows_come_out_with_mean_0_and_deviation_1()
    {
        float[] x = Bits.Finite(64, 7, scale: 100), y = new float[64];
        LayerNorm.Forward(ForkJoinPool.Single, 1, 64, x, [], [], Epsilon, y);
        Assert.Equal(0, y.Average(), 1e-5);
        Assert.Equal(1, y.Average(v => v * v), 1e-4);
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => LayerNorm.Forward(ForkJoinPool.Single, 2, 3, new float[6], new float[2], [], 1, new float[6]));
        Assert.Throws<ArgumentException>(() => LayerNorm.Forward(ForkJoinPool.Single, 2, 3, new float[6], [], new float[4], 1, new float[6]));
        Assert.Throws<ArgumentException>(() => LayerNorm.BackwardData(ForkJoinPool.Single, 2, 3, new float[6], new float[5], [], 1, new float[6]));
    }

    private delegate void Kernel(Span<float> to);

    private static float[] Run(int length, Kernel kernel)
    {
        float[] to = KernelData.Nan(length);
        kernel(to);
        return to;
    }
}
