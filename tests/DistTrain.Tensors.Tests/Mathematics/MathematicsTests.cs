namespace DistTrain.Tensors.Tests;

public class MathematicsTests
{
    // The largest error in units in the last place that each docstring states.
    [Theory]
    [InlineData("Exp", 1.0)]
    [InlineData("Log", 1.5)]
    [InlineData("Log1p", 1.5)]
    [InlineData("Sin", 1.5)]
    [InlineData("Cos", 1.5)]
    [InlineData("Tanh", 2.0)]
    [InlineData("Sigmoid", 2.5)]
    [InlineData("Erf", 2.0)]
    public void Error_stays_within_the_stated_ulp_over_the_whole_range(string name, double ulpMax)
    {
        (Func<float, float> own, Func<double, double> exact) = Pair(name);
        double worst = 0;
        float at = 0;
        foreach (float x in Sweep())
        {
            double expected = exact(x);
            float actual = own(x);
            if (double.IsNaN(expected))
            {
                if (!float.IsNaN(actual))
                {
                    Assert.Fail($"{name}({x:R}) = {actual:R}, not NaN");
                }

                continue;
            }

            double error = UlpError(actual, expected);
            if (error > worst)
            {
                (worst, at) = (error, x);
            }
        }

        Assert.True(worst <= ulpMax, $"{name}({at:R}): {worst:F3} ulp, allowed {ulpMax}");
    }

    [Fact]
    public void Special_values_are_those_of_IEEE_754()
    {
        float inf = float.PositiveInfinity;
        Equal(1f, Mathematics.Exp(0f));
        Equal(1f, Mathematics.Exp(-0f));
        Equal(inf, Mathematics.Exp(inf));
        Equal(inf, Mathematics.Exp(89f));
        Equal(0f, Mathematics.Exp(-inf));
        Equal(0f, Mathematics.Exp(-104f));
        Equal(float.Epsilon, Mathematics.Exp(-103.2f));
        Equal(-inf, Mathematics.Log(0f));
        Equal(-inf, Mathematics.Log(-0f));
        Equal(0f, Mathematics.Log(1f));
        Equal(inf, Mathematics.Log(inf));
        Equal(float.NaN, Mathematics.Log(-1f));
        Equal(float.NaN, Mathematics.Log(-inf));
        Equal(-0f, Mathematics.Log1p(-0f));
        Equal(-inf, Mathematics.Log1p(-1f));
        Equal(float.NaN, Mathematics.Log1p(-1.5f));
        Equal(inf, Mathematics.Log1p(inf));
        Equal(-0f, Mathematics.Sin(-0f));
        Equal(float.NaN, Mathematics.Sin(inf));
        Equal(float.NaN, Mathematics.Cos(-inf));
        Equal(1f, Mathematics.Cos(-0f));
        Equal(-0f, Mathematics.Tanh(-0f));
        Equal(-1f, Mathematics.Tanh(-inf));
        Equal(1f, Mathematics.Tanh(20f));
        Equal(1f, Mathematics.Sigmoid(inf));
        Equal(0f, Mathematics.Sigmoid(-inf));
        Equal(0.5f, Mathematics.Sigmoid(-0f));
        Equal(-0f, Mathematics.Erf(-0f));
        Equal(1f, Mathematics.Erf(inf));
        Equal(-1f, Mathematics.Erf(-5f));
        foreach (string name in new[] { "Exp", "Log", "Log1p", "Sin", "Cos", "Tanh", "Sigmoid", "Erf" })
        {
            Equal(float.NaN, Pair(name).Own(float.NaN));
        }
    }

    [Fact]
    public void Vectors_give_the_bits_of_the_scalar_form()
    {
        float[] values = [.. Sweep().Where((_, i) => i % 7 == 0)];
        Compare(values, x => Mathematics.Exp(x), System.Runtime.Intrinsics.Vector128.Create, v => Mathematics.Exp(v), (v, i) => v[i], 4);
        Compare(values, x => Mathematics.Sin(x), System.Runtime.Intrinsics.Vector256.Create, v => Mathematics.Sin(v), (v, i) => v[i], 8);
        Compare(values, x => Mathematics.Erf(x), System.Runtime.Intrinsics.Vector512.Create, v => Mathematics.Erf(v), (v, i) => v[i], 16);
    }

    /// <summary>Both signs; about 400,000 values: every exponent, denormals included, and dense where functions turn.</summary>
    internal static IEnumerable<float> Sweep()
    {
        float[] special = [0f, float.Epsilon, 1.17549435e-38f, 1f, float.MaxValue, float.PositiveInfinity, float.NaN];
        foreach (float x in special)
        {
            yield return x;
            yield return -x;
        }

        for (uint bits = 1; bits < 0x7F800000; bits += 0x5A37)
        {
            yield return BitConverter.UInt32BitsToSingle(bits);
            yield return BitConverter.UInt32BitsToSingle(bits | 0x80000000);
        }

        var random = new Random(20);
        for (int i = 0; i < 100_000; i++)
        {
            yield return (random.NextSingle() - 0.5f) * 20f;
            yield return (random.NextSingle() - 0.5f) * 210f;
            yield return (random.NextSingle() - 0.5f) * 4f;
            yield return 1f + ((random.NextSingle() - 0.5f) * 0.1f);
        }
    }

    private static (Func<float, float> Own, Func<double, double> Exact) Pair(string name) => name switch
    {
        "Exp" => (Mathematics.Exp, Math.Exp),
        "Log" => (Mathematics.Log, Math.Log),
        "Log1p" => (Mathematics.Log1p, x => Log1p(x)),
        "Sin" => (Mathematics.Sin, Math.Sin),
        "Cos" => (Mathematics.Cos, Math.Cos),
        "Tanh" => (Mathematics.Tanh, Math.Tanh),
        "Sigmoid" => (Mathematics.Sigmoid, x => 1 / (1 + Math.Exp(-x))),
        _ => (Mathematics.Erf, Erf),
    };

    /// <summary>Kahan's form: the error of 1 + x cancels in the quotient.</summary>
    private static double Log1p(double x)
    {
        double u = 1 + x;
        return u == 1 ? x : double.IsInfinity(u) || u <= 0 ? Math.Log(u) : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>Abramowitz and Stegun 7.1.6 below 3, the continued fraction 7.1.14 above.</summary>
    private static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (double.IsNaN(x))
        {
            return x;
        }

        if (a > 6)
        {
            return Math.Sign(x);
        }

        if (a < 3)
        {
            double term = a, sum = a;
            for (int n = 1; n < 200; n++)
            {
                term *= 2 * a * a / ((2 * n) + 1);
                sum += term;
            }

            return Math.CopySign(2 / Math.Sqrt(Math.PI) * Math.Exp(-a * a) * sum, x);
        }

        double fraction = a;
        for (int k = 100; k >= 1; k--)
        {
            fraction = a + (k / 2.0 / fraction);
        }

        return Math.CopySign(1 - (Math.Exp(-a * a) / Math.Sqrt(Math.PI) / fraction), x);
    }

    internal static double UlpError(float actual, double expected)
    {
        if (float.IsInfinity(actual) || double.IsInfinity(expected) || Math.Abs(expected) > float.MaxValue)
        {
            return (double)actual == expected || actual == (float)expected ? 0 : double.PositiveInfinity;
        }

        int exponent = expected == 0 ? -126 : Math.Max(Math.ILogB(expected), -126);
        return Math.Abs(actual - expected) / Math.ScaleB(1, exponent - 23);
    }

    private static void Compare<TVector>(
        float[] values,
        Func<float, float> scalar,
        Func<float[], TVector> create,
        Func<TVector, TVector> vector,
        Func<TVector, int, float> element,
        int width)
    {
        for (int i = 0; i + width <= values.Length; i += width)
        {
            TVector result = vector(create(values[i..(i + width)]));
            for (int j = 0; j < width; j++)
            {
                float expected = scalar(values[i + j]), actual = element(result, j);
                if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(actual) && !float.IsNaN(expected))
                {
                    Assert.Fail($"{values[i + j]:R}: the vector of {width} gives {actual:R}, the scalar {expected:R}");
                }
            }
        }
    }

    private static void Equal(float expected, float actual)
    {
        if (!float.IsNaN(expected) || !float.IsNaN(actual))
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));
        }
    }
}
