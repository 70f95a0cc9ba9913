namespace DistTrain.Tensors.Tests;

/// <summary>Inputs and comparisons of kernel tests.</summary>
internal static class KernelData
{
    [ThreadStatic]
    private static ForkJoinPool[]? pools;

    /// <summary>Pools of 1, 2 and 3 threads that belong to the test's thread.</summary>
    internal static ForkJoinPool[] Pools => pools ??= [ForkJoinPool.Single, new(2), new(3)];

    /// <summary>Numbers in [-1, 1), a tenth of them zeros of both signs, some so small that products underflow to -0.</summary>
    internal static float[] Floats(int length, int seed)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            float value = (random.NextSingle() * 2) - 1;
            values[i] = random.Next(20) switch { 0 => 0f, 1 => -0f, 2 => value * 1e-30f, _ => value };
        }

        return values;
    }

    /// <summary>The values at an address that is not a multiple of 8 bytes beyond the float's own alignment.</summary>
    internal static Memory<float> Misaligned(float[] values)
    {
        var buffer = new FloatBuffer(values.Length + 1);
        values.CopyTo(buffer.Span[1..]);
        return buffer.Memory[1..];
    }

    /// <summary>What an output holds before it is overwritten.</summary>
    internal static float[] Nan(int length)
    {
        var values = new float[length];
        Array.Fill(values, float.NaN);
        return values;
    }

    internal static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"{what}: element {i} of {expected.Length} is {actual[i]:R}, not {expected[i]:R}");
            }
        }
    }
}
