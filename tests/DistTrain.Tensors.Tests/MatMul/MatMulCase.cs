namespace DistTrain.Tensors.Tests;

/// <summary>Deterministic operands and a comparison by bits, in which every NaN equals every NaN.</summary>
internal static class MatMulCase
{
    /// <summary>Around every tile, vector and block edge.</summary>
    public static readonly int[] Sizes = [1, 2, 3, 5, 7, 8, 12, 13, 16, 17, 31, 32, 33, 63, 64, 65, 100, 130];

    public static float[] Values(int length, int seed)
    {
        var random = new Random(seed);
        float[] values = new float[length];
        foreach (ref float value in values.AsSpan())
        {
            value = (float)((random.NextDouble() - 0.5) * Math.ScaleB(1, random.Next(-12, 12)));
        }

        return values;
    }

    /// <summary>The same values at an address that no vector is aligned to.</summary>
    public static Span<float> Misaligned(float[] values, int offset)
    {
        var buffer = new FloatBuffer(values.Length + offset);
        Span<float> span = buffer.Span[offset..];
        values.CopyTo(span);
        return span;
    }

    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = BitConverter.SingleToUInt32Bits(expected[i]) == BitConverter.SingleToUInt32Bits(actual[i]);
            if (!same && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                Assert.Fail($"{what}: element {i} is {actual[i]:R}, the reference says {expected[i]:R}");
            }
        }
    }
}
