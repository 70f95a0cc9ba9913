namespace DistTrain.Tensors;

/// <summary>
/// Reduction of huge angles by integer arithmetic (Payne and Hanek, "Radian reduction for trigonometric functions", 1983): of
/// 2/π only the 128 bits matter that decide x · 2/π mod 4.
/// </summary>
internal static class AngleReduction
{
    /// <summary>The first 256 bits of 2/π after the point.</summary>
    private static ReadOnlySpan<uint> TwoOverPi =>
        [0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561];

    /// <summary>x = rest + quadrant · π/2 (mod 2π), |rest| ≤ π/4; the rest of infinity is NaN.</summary>
    /// <param name="x">At least 2¹⁶.</param>
    /// <param name="rest">Within a rounding.</param>
    /// <returns>Quadrant, 0 to 3.</returns>
    public static int Reduce(float x, out float rest)
    {
        if (!float.IsFinite(x))
        {
            rest = float.NaN;
            return 0;
        }

        int bits = BitConverter.SingleToInt32Bits(x);
        uint mantissa = (uint)(bits & 0x7FFFFF) | 0x800000;

        // x = mantissa · 2^exponent; bit k of 2/π weighs 2^(exponent - k) then, and from weight 2 down the product mod 4 needs them.
        int exponent = (bits >> 23) - 150;
        UInt128 product = mantissa * Bits(exponent - 1);
        UInt128 rounded = product + (UInt128.One << 125);
        int quadrant = (int)(uint)(rounded >> 126);
        Int128 fraction = (Int128)(product - ((UInt128)(uint)quadrant << 126));
        double turn = (long)(fraction >> 64) * (1.0 / (1L << 62));
        rest = (float)(turn * (Math.PI / 2));
        return quadrant;
    }

    /// <summary>Bits first ... first + 127 of 2/π, where bit 1 is the first after the point and those before it are 0.</summary>
    private static UInt128 Bits(int first)
    {
        UInt128 window = 0;
        for (int i = 0; i < 128; i++)
        {
            int bit = first + i - 1;
            uint value = bit < 0 ? 0 : (TwoOverPi[bit >> 5] >> (31 - (bit & 31))) & 1;
            window = (window << 1) | value;
        }

        return window;
    }
}
