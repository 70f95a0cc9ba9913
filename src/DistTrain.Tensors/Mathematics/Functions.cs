using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// The transcendental functions, once for every vector width. Each is branch-free but for the reduction of huge angles: a range
/// reduction that is exact or has one rounding, a polynomial by Horner's rule in fma, special values by selection.
/// </summary>
/// <remarks>
/// Coefficients: weighted least squares on Chebyshev nodes at 200 bits, rounded to float one after another from the lowest
/// power with the rest refitted. The stated errors are the maxima that MathematicsTests finds.
/// </remarks>
internal static class Functions<L, V>
    where L : struct, ILane<V>
    where V : struct
{
    private const int SignBit = int.MinValue;

    /// <summary>1.5 · 2²³: adding it rounds a small float to an integer, which then stands in the low bits of the sum.</summary>
    private const float RoundingShift = 12582912f;

    /// <summary>Above it n · (π/2) is not reduced well by three constants, and the integer reduction takes over.</summary>
    private const float AngleMax = 65536f;

    /// <summary>eˣ; overflow gives infinity, underflow goes through the denormals to +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        // e^89 overflows and e^-104 rounds to +0 by themselves; beyond, the scale 2^n could not be built. NaN stays.
        x = L.Select(L.Less(L.Create(89f), x), L.Create(89f), x);
        return ExpBelow89(x);
    }

    /// <summary>eˣ for x ≤ 89 or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpBelow89(V x)
    {
        x = L.Select(L.Less(x, L.Create(-104f)), L.Create(-104f), x);

        // x = n ln 2 + r. The low bits of shifted hold n + 254; ln 2's high part has 12 trailing zeros, so n · high is exact.
        V shifted = L.Fma(x, L.Create(1.44269504f), L.Create(RoundingShift + 254f));
        V n = L.Subtract(shifted, L.Create(RoundingShift + 254f));
        V r = L.Fma(n, L.Create(-0.693145752f), x);
        r = L.Fma(n, L.Create(-1.428606765e-06f), r);
        V p = L.Create(1.374500804e-03f);
        p = L.Fma(p, r, L.Create(8.368948475e-03f));
        p = L.Fma(p, r, L.Create(4.166965187e-02f));
        p = L.Fma(p, r, L.Create(1.666651815e-01f));
        p = L.Fma(p, r, L.Create(4.999998808e-01f));
        p = L.Fma(p, r, L.Create(1f));
        p = L.Fma(p, r, L.Create(1f));

        // 2^n as a product of two powers, because n reaches from -150 to 128: exponents (n + 254) / 2, rounded down and up.
        V half = L.ShiftRight(shifted, 1);
        V low = L.ShiftLeft(half, 23);
        V high = L.ShiftLeft(L.SubtractBits(shifted, half), 23);
        return L.Multiply(L.Multiply(p, low), high);
    }

    /// <summary>ln x; ±0 gives -infinity, x below 0 gives NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log(V x)
    {
        V small = L.Less(x, L.Create(1.17549435e-38f));
        V normal = L.Select(small, L.Multiply(x, L.Create(8388608f)), x);
        V exponent = Exponent(normal);
        V f = L.Subtract(L.SubtractBits(normal, L.ShiftLeft(exponent, 23)), L.Create(1f));
        V e = L.Add(L.FromInteger(exponent), L.Select(small, L.Create(-23f), L.Create(0f)));
        return LogSpecial(LogReduced(f, e), x, L.Create(0f));
    }

    /// <summary>ln(1 + x) without the rounding of 1 + x; -1 gives -infinity, below gives NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1p(V x)
    {
        // For huge x the 1 is nothing; x is then scaled by 2^-64 so that the scale 2^-exponent stays a normal number.
        V huge = L.Less(L.Create(18446744073709551616f), x);
        V one = L.Select(huge, L.Create(0f), L.Create(1f));
        V scaled = L.Select(huge, L.Multiply(x, L.Create(5.42101086e-20f)), x);
        V exponent = Exponent(L.Add(scaled, one));
        V scale = L.SubtractBits(L.Create(1f), L.ShiftLeft(exponent, 23));
        V f = L.Fma(scaled, scale, L.Fma(one, scale, L.Create(-1f)));
        V e = L.Add(L.FromInteger(exponent), L.Select(huge, L.Create(64f), L.Create(0f)));
        V result = LogSpecial(LogReduced(f, e), x, L.Create(-1f));
        return L.Select(L.Equal(x, L.Create(0f)), x, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sin(V x)
    {
        V sign = L.And(x, L.CreateBits(SignBit));
        Reduce(L.Xor(x, sign), out V r, out V quadrant);
        return L.Xor(SinOrCos(r, quadrant), sign);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cos(V x)
    {
        Reduce(L.And(x, L.CreateBits(int.MaxValue)), out V r, out V quadrant);
        return SinOrCos(r, L.AddBits(quadrant, L.CreateBits(1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        V sign = L.And(x, L.CreateBits(SignBit));
        V a = L.Xor(x, sign);
        V u = L.Multiply(a, a);
        V p = L.Create(-5.630514119e-03f);
        p = L.Fma(p, u, L.Create(2.057175525e-02f));
        p = L.Fma(p, u, L.Create(-5.371870846e-02f));
        p = L.Fma(p, u, L.Create(1.333118230e-01f));
        p = L.Fma(p, u, L.Create(-3.333327174e-01f));
        V near = L.Fma(L.Multiply(p, u), a, a);

        // 1 - 2 / (e^2a + 1): no cancellation that matters from 0.625 on.
        V far = L.Subtract(L.Create(1f), L.Divide(L.Create(2f), L.Add(Exp(L.Add(a, a)), L.Create(1f))));
        return L.Or(L.Select(L.Less(a, L.Create(0.625f)), near, far), sign);
    }

    /// <summary>1 / (1 + e⁻ˣ), with e to a negative power only, so that the small end reaches the denormals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x)
    {
        V e = ExpBelow89(L.Or(x, L.CreateBits(SignBit)));
        V numerator = L.Select(L.Less(x, L.Create(0f)), e, L.Create(1f));
        return L.Divide(numerator, L.Add(e, L.Create(1f)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf(V x)
    {
        V sign = L.And(x, L.CreateBits(SignBit));
        V a = L.Xor(x, sign);
        V u = L.Multiply(a, a);
        V p = L.Create(7.842288323e-05f);
        p = L.Fma(p, u, L.Create(-8.006793214e-04f));
        p = L.Fma(p, u, L.Create(5.187962670e-03f));
        p = L.Fma(p, u, L.Create(-2.685364336e-02f));
        p = L.Fma(p, u, L.Create(1.128358245e-01f));
        p = L.Fma(p, u, L.Create(-3.761262596e-01f));
        p = L.Fma(p, u, L.Create(1.283791661e-01f));
        V near = L.Fma(p, a, a);

        // 1 - e^-q with q = -ln erfc(a), a polynomial on [1, 4]; from 4 on the result rounds to 1.
        V b = L.Select(L.Less(L.Create(4f), a), L.Create(4f), a);
        V q = L.Create(2.168644096e-05f);
        q = L.Fma(q, b, L.Create(-4.413291172e-04f));
        q = L.Fma(q, b, L.Create(4.204516765e-03f));
        q = L.Fma(q, b, L.Create(-2.520812117e-02f));
        q = L.Fma(q, b, L.Create(1.084183604e-01f));
        q = L.Fma(q, b, L.Create(6.332200766e-01f));
        q = L.Fma(q, b, L.Create(1.129578352e+00f));
        q = L.Fma(q, b, L.Create(-1.880318159e-04f));
        V far = L.Subtract(L.Create(1f), ExpBelow89(L.Xor(q, L.CreateBits(SignBit))));
        return L.Or(L.Select(L.Less(a, L.Create(1f)), near, far), sign);
    }

    /// <summary>Integer e such that 2⁻ᵉ x is in [2/3, 4/3), for positive normal x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Exponent(V x) => L.ShiftRightSigned(L.SubtractBits(x, L.CreateBits(0x3F2AAAAB)), 23);

    /// <summary>ln(1 + f) + e ln 2 for f in [-1/3, 1/3].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogReduced(V f, V e)
    {
        V p = L.Create(-1.264714748e-01f);
        p = L.Fma(p, f, L.Create(1.400881559e-01f));
        p = L.Fma(p, f, L.Create(-1.224084049e-01f));
        p = L.Fma(p, f, L.Create(1.400010437e-01f));
        p = L.Fma(p, f, L.Create(-1.667638868e-01f));
        p = L.Fma(p, f, L.Create(2.001083493e-01f));
        p = L.Fma(p, f, L.Create(-2.499988824e-01f));
        p = L.Fma(p, f, L.Create(3.333320618e-01f));
        p = L.Fma(p, f, L.Create(-0.5f));
        return L.Fma(e, L.Create(0.693147182f), L.Fma(L.Multiply(f, f), p, f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogSpecial(V result, V x, V pole)
    {
        V outside = L.Select(L.Equal(x, pole), L.Create(float.NegativeInfinity), L.Create(float.NaN));
        result = L.Select(L.Less(x, L.Create(float.PositiveInfinity)), result, x);
        return L.Select(L.Less(pole, x), result, outside);
    }

    /// <summary>a = r + quadrant · π/2 with |r| ≤ π/4 (a hair more), for a ≥ 0; the quadrant in the low two bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(V a, out V r, out V quadrant)
    {
        quadrant = L.Fma(a, L.Create(0.636619747f), L.Create(RoundingShift));
        V n = L.Subtract(quadrant, L.Create(RoundingShift));
        r = L.Fma(n, L.Create(-1.570796371f), a);
        r = L.Fma(n, L.Create(4.371138829e-08f), r);
        r = L.Fma(n, L.Create(1.715124510e-15f), r);
        V large = L.Less(L.Create(AngleMax), a);
        if (L.Any(large))
        {
            ReduceLarge(a, ref r, ref quadrant);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReduceLarge(V a, ref V r, ref V quadrant)
    {
        for (int i = 0; i < L.Width; i++)
        {
            float angle = L.Get(a, i);
            if (angle > AngleMax)
            {
                int q = AngleReduction.Reduce(angle, out float rest);
                r = L.With(r, i, rest);
                quadrant = L.With(quadrant, i, BitConverter.Int32BitsToSingle(q));
            }
        }
    }

    /// <summary>sin(r + quadrant · π/2): by the low bit sin r or cos r, by the next the sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SinOrCos(V r, V quadrant)
    {
        V u = L.Multiply(r, r);
        V s = L.Create(2.804350061e-06f);
        s = L.Fma(s, u, L.Create(-1.985029376e-04f));
        s = L.Fma(s, u, L.Create(8.333372883e-03f));
        s = L.Fma(s, u, L.Create(-1.666666716e-01f));
        s = L.Fma(L.Multiply(s, u), r, r);
        V c = L.Create(2.443256381e-05f);
        c = L.Fma(c, u, L.Create(-1.388731063e-03f));
        c = L.Fma(c, u, L.Create(4.166664556e-02f));
        c = L.Fma(c, u, L.Create(-0.5f));
        c = L.Fma(c, u, L.Create(1f));
        V even = L.Equal(L.FromInteger(L.And(quadrant, L.CreateBits(1))), L.Create(0f));
        V sign = L.ShiftLeft(L.And(quadrant, L.CreateBits(2)), 30);
        return L.Xor(L.Select(even, s, c), sign);
    }
}
