namespace DistTrain.Tensors.Tests;

public class GradientNormTests
{
    [Fact]
    public void The_squared_norm_is_that_of_the_definition_at_every_length()
    {
        for (int length = 0; length <= 130; length++)
        {
            float[] sum = Bits.Finite(length, length + 1);
            Assert.Equal(Definition(sum, 24f), GradientNorm.Squared(sum, 24f));
            Assert.Equal(Definition(sum, 64f), GradientNorm.Squared(sum, 64f));
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(3.0)]
    [InlineData(1e9)]
    public void Clipped_gradients_agree_with_PyTorchs_clip_grad_norm_in_double(double clipNorm)
    {
        float[][] blocks = [Bits.Finite(100, 1), Bits.Finite(3, 2), Bits.Finite(777, 3)];
        const float WeightSum = 50;
        double total = Math.Sqrt(blocks.SelectMany(block => block).Sum(sum => (double)sum / WeightSum * sum / WeightSum));
        double factor = Math.Min(1.0, clipNorm / (total + 1e-6));

        float scale = GradientNorm.Scale(clipNorm, blocks.Select(block => GradientNorm.Squared(block, WeightSum)));

        // Rounding of each quotient to float and of the factor: a few units of 2^-24.
        Assert.InRange(scale, factor * (1 - 3e-7), factor * (1 + 3e-7));
        foreach (float[] block in blocks)
        {
            float[] weights = new float[block.Length];
            new Sgd().Update(new UpdateStep(0, 1f, 1, 1, scale), block, WeightSum, weights, weights, [], []);
            for (int i = 0; i < block.Length; i++)
            {
                Assert.Equal(-(block[i] / (double)WeightSum * factor), weights[i], 1e-6 * Math.Max(1e-30, Math.Abs(block[i])));
            }
        }
    }

    [Fact]
    public void A_norm_below_the_limit_changes_no_bit()
    {
        Assert.Equal(1f, GradientNorm.Scale(5, [16.0, 8.0]));
        Assert.Equal(1f, GradientNorm.Scale(1e-3, [0.0]));
    }

    [Fact]
    public void Norms_are_added_in_the_order_of_the_blocks()
    {
        // 1 is lost beside 2^60 when it comes one by one, and not when the ones come first.
        double[] norms = [Math.ScaleB(1, 60), .. Enumerable.Repeat(64.0, 64)];
        Assert.NotEqual(norms.Aggregate(0.0, (sum, norm) => sum + norm), norms.Reverse().Aggregate(0.0, (sum, norm) => sum + norm));
        Assert.Equal((float)(1 / (Math.Sqrt(norms.Aggregate(0.0, (sum, norm) => sum + norm)) + 1e-6)), GradientNorm.Scale(1, norms));
    }

    /// <summary>The 16-lane order with absent lanes left out, in double.</summary>
    private static double Definition(float[] sum, float weightSum)
    {
        var lanes = new double?[16];
        for (int i = 0; i < sum.Length; i++)
        {
            double mean = sum[i] / weightSum;
            lanes[i % 16] = lanes[i % 16] is { } lane ? lane + (mean * mean) : mean * mean;
        }

        for (int half = 8; half >= 1; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                lanes[i] = lanes[i] is { } a && lanes[i + half] is { } b ? a + b : lanes[i] ?? lanes[i + half];
            }
        }

        return lanes[0] ?? 0;
    }
}
