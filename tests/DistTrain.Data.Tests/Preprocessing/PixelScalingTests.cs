using System.Runtime.Intrinsics.X86;

namespace DistTrain.Data.Tests;

public class PixelScalingTests
{
    private static readonly byte[] All = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];

    [Fact]
    public void Every_byte_is_the_rounded_quotient()
    {
        float[] floats = new float[256];
        PixelScaling.ToUnit(All, floats);
        Assert.Equal(All.Select(b => b / 255f), floats);
        Assert.Equal(1f, floats[255]);
    }

    [SkippableFact]
    public void The_512_bit_path_has_the_table_s_bits()
    {
        Skip.IfNot(Avx512F.IsSupported, "no AVX-512");
        float[] floats = new float[256];
        Assert.Equal(256, PixelScaling.ToUnit512(All, floats));
        Assert.Equal(All.Select(b => b / 255f), floats);
    }

    [SkippableFact]
    public void The_256_bit_path_has_the_table_s_bits()
    {
        Skip.IfNot(Avx2.IsSupported && Fma.IsSupported, "no AVX2");
        float[] floats = new float[256];
        int done = PixelScaling.ToUnit256(All, floats);
        Assert.Equal(All[..done].Select(b => b / 255f), floats[..done]);
        Assert.True(done > 240);
    }

    [Fact]
    public void Every_length_and_offset_writes_exactly_its_floats()
    {
        for (int length = 0; length <= 70; length++)
        {
            for (int offset = 0; offset < 5; offset++)
            {
                float[] floats = new float[offset + length + 3];
                Array.Fill(floats, -1);
                PixelScaling.ToUnit(All.AsSpan(100 + offset, length), floats.AsSpan(offset));
                for (int i = 0; i < floats.Length; i++)
                {
                    Assert.Equal(i < offset || i >= offset + length ? -1 : (100 + i) / 255f, floats[i]);
                }
            }
        }
    }
}
