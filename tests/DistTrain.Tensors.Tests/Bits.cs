namespace DistTrain.Tensors.Tests;

/// <summary>Bit-for-bit comparison; any NaN equals any NaN, because payloads are not part of the contract.</summary>
internal static class Bits
{
    public static readonly int[] Widths = [1, 4, 8, 16];

    public static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || (float.IsNaN(expected[i]) && float.IsNaN(actual[i]));
            if (!same)
            {
                Assert.Fail($"{what}: element {i} of {expected.Length} is {actual[i]:R}, expected {expected[i]:R}");
            }
        }
    }

    /// <summary>Ordinary values with special ones strewn in.</summary>
    public static float[] Values(int count, int seed)
    {
        float[] special = [0f, -0f, 1e-40f, -1e-40f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1e30f, -90f, 100f];
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.Next(12) == 0 ? special[random.Next(special.Length)] : (random.NextSingle() - 0.5f) * 8f;
        }

        return values;
    }

    public static float[] Finite(int count, int seed, float scale = 2f)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (random.NextSingle() - 0.5f) * scale;
        }

        return values;
    }
}
