namespace DistTrain.Tensors.Tests;

public class PhiloxTests
{
    // Known answers of Random123 (kat_vectors, philox4x32 10).
    [Fact]
    public void Known_answers_hold()
    {
        Assert.Equal(new PhiloxBlock(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8), Philox.Block(0, 0, 0, 0, 0));
        Assert.Equal(
            new PhiloxBlock(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd),
            Philox.Block(ulong.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue));
        Assert.Equal(
            new PhiloxBlock(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1),
            Philox.Block(0x299f31d0_a4093822, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344));
    }

    [Fact]
    public void Stream_is_FNV_1a()
    {
        Assert.Equal(0x811c9dc5u, Philox.Stream(""));
        Assert.Equal(0xe40c292cu, Philox.Stream("a"));
        Assert.Equal(0xbf9cf968u, Philox.Stream("foobar"));
    }

    [Fact]
    public void Filled_runs_equal_single_numbers_in_every_width_and_length()
    {
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                for (int length = 0; length <= 260; length++)
                {
                    long first = 4L * (length % 5);
                    var values = new float[length];
                    Philox.FillUniform(0xFEDCBA9876543210, 11, 22, 33, values, first);
                    var expected = new float[length];
                    for (int i = 0; i < length; i++)
                    {
                        expected[i] = Philox.Uniform(0xFEDCBA9876543210, first + i, 11, 22, 33);
                    }

                    Bits.Equal(expected, values, $"width {width}");
                }
            });
        }
    }

    [Fact]
    public void Uniform_numbers_are_uniform_and_normal_numbers_normal()
    {
        const int Count = 1_000_000;
        var values = new float[Count];
        Philox.FillUniform(5, 0, 0, Philox.Stream("test"), values);
        Assert.InRange(values.Min(), 0f, 1e-5f);
        Assert.InRange(values.Max(), 0.9999f, 0.99999994f);
        Assert.Equal(0.5, values.Average(), 0.002);
        Philox.FillNormal(5, 0, 0, Philox.Stream("test"), values);

        // Standard errors: mean 0.001, variance 0.0014, fourth moment 0.01.
        Assert.Equal(0, values.Average(), 0.005);
        Assert.Equal(1, values.Average(v => (double)v * v), 0.007);
        Assert.Equal(3, values.Average(v => Math.Pow(v, 4)), 0.05);
        Assert.Equal(0.158655, values.Count(v => v > 1) / (double)Count, 0.002);
    }

    [Fact]
    public void Normal_numbers_are_the_same_bits_in_every_width_and_from_any_start()
    {
        var expected = new float[777];
        Lanes.Force(1, () => Philox.FillNormal(9, 1, 2, 3, expected));
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                var actual = new float[777];
                Philox.FillNormal(9, 1, 2, 3, actual);
                Bits.Equal(expected, actual, $"width {width}");
                Philox.FillNormal(9, 1, 2, 3, actual.AsSpan(0, 601), 176);
                Bits.Equal(expected.AsSpan(176), actual.AsSpan(0, 601), $"width {width} from 176");
            });
        }
    }

    [Fact]
    public void Dropout_masks_follow_the_sample_not_the_row()
    {
        using var pool = new ForkJoinPool(2);
        int[] samples = [7, 3, 59_999, 3];
        var mask = new float[4 * 10_001];
        Philox.FillDropoutMask(pool, 4, 10_001, 1, samples, 2, 3, 0.25f, mask);
        var expected = new float[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            expected[i] = Philox.Uniform(1, i % 10_001, (uint)samples[i / 10_001], 2, 3) < 0.25f ? 0f : 1f / 0.75f;
        }

        Bits.Equal(expected, mask, "mask");

        Assert.Equal(0.25, mask.Count(m => m == 0) / (double)mask.Length, 0.01);
    }
}
