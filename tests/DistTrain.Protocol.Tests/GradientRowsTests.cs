using System.Runtime.InteropServices;

namespace DistTrain.Protocol.Tests;

public class GradientRowsTests
{
    private readonly BlockPool pool = new(poison: true);

    public static TheoryData<int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int>();
            foreach (int length in new[] { 1024, 1025, 4096, 65_535, ProtocolLimits.BlockFloatsMax })
            {
                cases.Add(length, 0);
                cases.Add(length, 1);
                cases.Add(length, 20);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_gradient_of_few_rows_travels_short_and_comes_back_bit_for_bit(int length, int rows)
    {
        float[] gradient = Sparse(length, rows);
        Message sent = GradientRows.Pack(Push(gradient), pool);
        var packed = Assert.IsType<PushRows>(sent);
        Assert.InRange(packed.Packed.Length, 1, length / 2);
        Assert.Equal(length, packed.Length);
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        MessageCodec.Encode(sent, writer);
        var back = Assert.IsType<PushGradient>(GradientRows.Unpack(MessageCodec.Decode(writer.WrittenSpan, pool), pool));
        Assert.Equal(MemoryMarshal.Cast<float, int>(gradient).ToArray(), MemoryMarshal.Cast<float, int>(back.Gradient.Span).ToArray());
        PushGradient whole = Push([1]);
        Assert.Equal(whole with { Gradient = back.Gradient }, back);
        whole.Gradient.Release();
        back.Gradient.Release();
        packed.Packed.Release();
        Assert.Equal(0, pool.BuffersRented);
    }

    [Fact]
    public void What_is_short_dense_or_no_push_stays_as_it_is()
    {
        float[] dense = new float[4096], mixed = new float[4096];
        Array.Fill(dense, -0f);
        for (int i = 0; i < mixed.Length; i += 24)
        {
            mixed[i] = 1;
        }

        foreach (Message message in new Message[] { Push(dense), Push(mixed), Push(new float[1023]), new CollectBlocks(new RunEpoch(1)) })
        {
            Assert.Same(message, GradientRows.Pack(message, pool));
            Assert.Same(message, GradientRows.Unpack(message, pool));
        }
    }

    [Fact]
    public void A_map_that_does_not_fit_is_refused_and_nothing_stays_rented()
    {
        var random = new Random(1);
        int refused = 0, read = 0;
        for (int i = 0; i < 2000; i++)
        {
            var packed = (PushRows)GradientRows.Pack(Push(Sparse(2048, 3)), pool);
            Span<int> bits = MemoryMarshal.Cast<float, int>(packed.Packed.Span);
            bits[random.Next(8)] ^= 1 << random.Next(32);
            PushRows wrong = packed with { Length = random.Next(4) == 0 ? random.Next(1, ProtocolLimits.BlockFloatsMax) : packed.Length };
            try
            {
                ((PushGradient)GradientRows.Unpack(wrong, pool)).Gradient.Release();
                read++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 1999);
        Assert.Equal(2000, refused + read);
        Assert.Equal(0, pool.BuffersRented);
    }

    /// <summary>Runs of 64 floats with every kind of number, -0 and NaN among them, in zeros.</summary>
    private static float[] Sparse(int length, int rows)
    {
        var random = new Random(rows);
        float[] gradient = new float[length];
        float[] special = [-0f, float.NaN, 1e-40f, float.PositiveInfinity, 3];
        for (int row = 0; row < Math.Min(rows, length / 400); row++)
        {
            int start = random.Next(length - 64);
            for (int i = 0; i < 64; i++)
            {
                gradient[start + i] = random.Next(4) == 0 ? special[random.Next(special.Length)] : random.NextSingle();
            }
        }

        gradient[^1] = rows > 0 ? -0f : 0;
        return gradient;
    }

    private PushGradient Push(float[] gradient) => new(
        new RunEpoch(2), new StepNumber(5), new BlockId(2), new SliceRange(4, 4), new RangeStatistics(3, [1, 2]), pool.RentCopy(gradient), IsAudited: true);
}
