namespace DistTrain.Tensors;

/// <content>The few functions that schedules and the built-in data need in double precision; scalar and not made for speed.</content>
public static partial class Mathematics
{
    /// <summary>Above it the three-part reduction of a double angle loses digits.</summary>
    private const double DoubleAngleMax = 1 << 20;

    private const double Ln2High = 0.6931471803691238; // 32 significant bits: n times it is exact
    private const double Ln2Low = 1.9082149292705877e-10;
    private const double HalfPiHigh = 1.5707963267341256; // 33 significant bits
    private const double HalfPiMiddle = 6.077100506303966e-11; // the next 33
    private const double HalfPiLow = 2.0222662487959506e-21;

    /// <summary>eˣ. Error at most 1 ulp for normal results.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
        {
            return x;
        }

        if (x > 709.79)
        {
            return double.PositiveInfinity;
        }

        if (x < -745.2)
        {
            return 0;
        }

        double n = Math.Round(x * 1.4426950408889634);
        double r = Math.FusedMultiplyAdd(n, -Ln2Low, Math.FusedMultiplyAdd(n, -Ln2High, x));
        double sum = 1;
        for (int k = 13; k >= 1; k--)
        {
            sum = Math.FusedMultiplyAdd(sum, r / k, 1);
        }

        int half = (int)n / 2;
        return sum * PowerOfTwo(half) * PowerOfTwo((int)n - half);
    }

    /// <summary>ln x; ±0 gives -infinity, x below 0 NaN. Error at most 1 ulp.</summary>
    public static double Log(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x))
        {
            return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        }

        int exponent = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= 1L << 54;
            exponent = -54;
        }

        // m in [√½, √2); ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.1716.
        long bits = BitConverter.DoubleToInt64Bits(x);
        int e = (int)((bits - 0x3FE6A09E667F3BCD) >> 52);
        double f = BitConverter.Int64BitsToDouble(bits - ((long)e << 52)) - 1;
        double s = f / (2 + f);
        double u = s * s;
        double sum = 0;
        for (int k = 21; k >= 3; k -= 2)
        {
            sum = Math.FusedMultiplyAdd(sum, u, 2.0 / k);
        }

        // ln m = f - (f²/2 - s (f²/2 + u sum)): f is exact and the rest is small beside it.
        double h = 0.5 * f * f;
        double n = e + exponent;
        return (n * Ln2High) - (h - Math.FusedMultiplyAdd(s, Math.FusedMultiplyAdd(u, sum, h), n * Ln2Low) - f);
    }

    /// <summary>sin x. Error at most 1 ulp.</summary>
    /// <exception cref="ArgumentOutOfRangeException">|x| is above 2²⁰.</exception>
    public static double Sin(double x)
    {
        int quadrant = ReduceAngle(x, out double r);
        return SinOrCos(r, quadrant);
    }

    /// <summary>cos x. Error at most 1 ulp.</summary>
    /// <exception cref="ArgumentOutOfRangeException">|x| is above 2²⁰.</exception>
    public static double Cos(double x)
    {
        int quadrant = ReduceAngle(x, out double r);
        return SinOrCos(r, quadrant + 1);
    }

    private static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);

    private static int ReduceAngle(double x, out double r)
    {
        if (Math.Abs(x) > DoubleAngleMax)
        {
            throw new ArgumentOutOfRangeException(nameof(x), x, $"The double-precision sine and cosine take angles up to {DoubleAngleMax}.");
        }

        double n = Math.Round(x * 0.6366197723675814);
        r = Math.FusedMultiplyAdd(n, -HalfPiHigh, x);
        r = Math.FusedMultiplyAdd(n, -HalfPiMiddle, r);
        r = Math.FusedMultiplyAdd(n, -HalfPiLow, r);
        return double.IsNaN(n) ? 0 : (int)n;
    }

    /// <summary>Taylor series; the first omitted term is below 2⁻⁶⁰ on [-π/4, π/4].</summary>
    private static double SinOrCos(double r, int quadrant)
    {
        double u = r * r;
        bool cosine = (quadrant & 1) != 0;
        double sum = 1;
        for (int k = cosine ? 18 : 19; k >= (cosine ? 4 : 5); k -= 2)
        {
            sum = Math.FusedMultiplyAdd(sum, -u / (k * (k - 1)), 1);
        }

        double value = cosine
            ? 1 - (0.5 * u * sum)
            : Math.FusedMultiplyAdd(r * u * (-1.0 / 6), sum, r);
        return (quadrant & 2) != 0 ? -value : value;
    }
}
