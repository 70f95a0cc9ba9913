using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>
/// Clipping by the global norm, as PyTorch's clip_grad_norm_: the averaged gradient of all parameters is multiplied by
/// clipNorm / (norm + 1e-6) when that is below 1. The norm is summed per block, in double precision, then over the blocks in order.
/// </summary>
/// <remarks>
/// Double, because a square of a float is exact in it: whether the addition is fused cannot show in the bits. Blocks depend on the
/// tensors alone, so the norm doesn't depend on who owns them.
/// </remarks>
public static class GradientNorm
{
    private const double Epsilon = 1e-6;

    /// <summary>Sum of (gradientSum[i] / weightSum)², the quotient rounded to float as the update rounds it; 16 lanes (docs/numerics.md).</summary>
    /// <param name="gradientSum">[n], finite.</param>
    /// <param name="weightSum">Positive and finite.</param>
    public static double Squared(ReadOnlySpan<float> gradientSum, float weightSum)
    {
        Vector256<double> lanes0 = default, lanes4 = default, lanes8 = default, lanes12 = default;
        Vector256<float> divisor = Vector256.Create(weightSum);
        int i = 0;
        for (; i <= gradientSum.Length - 16; i += 16)
        {
            Vector256<float> low = Vector256.Create(gradientSum[i..]) / divisor;
            Vector256<float> high = Vector256.Create(gradientSum[(i + 8)..]) / divisor;
            lanes0 = AddSquares(lanes0, low.GetLower());
            lanes4 = AddSquares(lanes4, low.GetUpper());
            lanes8 = AddSquares(lanes8, high.GetLower());
            lanes12 = AddSquares(lanes12, high.GetUpper());
        }

        // A lane that got nothing is +0, which changes no sum of squares: nothing here is -0.
        Span<double> lanes = stackalloc double[16];
        lanes0.CopyTo(lanes);
        lanes4.CopyTo(lanes[4..]);
        lanes8.CopyTo(lanes[8..]);
        lanes12.CopyTo(lanes[12..]);
        for (int lane = 0; i < gradientSum.Length; i++, lane++)
        {
            double mean = gradientSum[i] / weightSum;
            lanes[lane] += mean * mean;
        }

        for (int half = 8; half >= 1; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                lanes[lane] += lanes[lane + half];
            }
        }

        return lanes[0];
    }

    /// <summary>The factor of the gradient: clipNorm / (norm + 1e-6), formed in double and rounded once; 1 when that is not below 1.</summary>
    /// <param name="clipNorm">Above 0.</param>
    /// <param name="squaredNorms">Of each block, in block order; added in this order.</param>
    public static float Scale(double clipNorm, IEnumerable<double> squaredNorms)
    {
        ArgumentNullException.ThrowIfNull(squaredNorms);
        double sum = 0;
        foreach (double squared in squaredNorms)
        {
            sum += squared;
        }

        double scale = clipNorm / (Math.Sqrt(sum) + Epsilon);
        return scale < 1 ? (float)scale : 1f;
    }

    private static Vector256<double> AddSquares(Vector256<double> sum, Vector128<float> means)
    {
        (Vector128<double> low, Vector128<double> high) = Vector128.Widen(means);
        var wide = Vector256.Create(low, high);
        return sum + (wide * wide);
    }
}
