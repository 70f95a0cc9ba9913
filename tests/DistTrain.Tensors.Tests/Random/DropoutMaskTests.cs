namespace DistTrain.Tensors.Tests;

public class DropoutMaskTests
{
    private const ulong Seed = 77;
    private const uint Pass = 2, Stream = 0x1234;

    [Fact]
    public void Every_length_gives_the_formula_bit_for_bit()
    {
        for (int length = 0; length <= 260; length++)
        {
            AssertFormula(rows: 3, length, 0.3f, ForkJoinPool.Single);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25f)]
    [InlineData(0.999f)]
    public void Long_rows_and_threads_give_the_same_bits(float rate)
    {
        using var pool = new ForkJoinPool(3);
        AssertFormula(rows: 17, 2051, rate, pool);
        AssertFormula(rows: 1, 20_000, rate, pool);
    }

    [Fact]
    public void Output_may_be_the_input()
    {
        float[] x = Values(3 * 700), y = new float[x.Length];
        DropoutMask.Apply(ForkJoinPool.Single, Seed, Pass, Stream, [5, 6, 7], 700, 0.5f, x, y);
        DropoutMask.Apply(ForkJoinPool.Single, Seed, Pass, Stream, [5, 6, 7], 700, 0.5f, x, x);
        Assert.Equal(y, x);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        float[] x = new float[8];
        Assert.Throws<ArgumentException>(() => Apply(4, 0.5f, x, new float[7]));
        Assert.Throws<ArgumentException>(() => Apply(3, 0.5f, x, new float[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(4, 1, x, new float[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(4, float.NaN, x, new float[8]));

        static void Apply(int length, float rate, float[] x, float[] y) =>
            DropoutMask.Apply(ForkJoinPool.Single, Seed, Pass, Stream, [1, 2], length, rate, x, y);
    }

    private static void AssertFormula(int rows, int length, float rate, ForkJoinPool pool)
    {
        float[] x = Values(rows * length), y = new float[x.Length], expected = new float[x.Length];
        int[] samples = [.. Enumerable.Range(0, rows).Select(row => 1000 - (3 * row))];
        float scale = 1 / (1 - rate);
        for (int i = 0; i < expected.Length; i++)
        {
            float uniform = Philox.Uniform(Seed, i % length, (uint)samples[i / length], Pass, Stream);
            expected[i] = uniform < rate ? 0 : x[i] * scale;
        }

        DropoutMask.Apply(pool, Seed, Pass, Stream, samples, length, rate, x, y);
        Assert.Equal(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits), Array.ConvertAll(y, BitConverter.SingleToInt32Bits));
    }

    private static float[] Values(int length)
    {
        var random = new Random(length);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
    }
}
