namespace DistTrain.Protocol.Tests;

public class BlockSumTests
{
    [Fact]
    public void The_first_float_that_is_not_finite_is_found_at_every_place_of_every_length()
    {
        foreach (float broken in new[] { float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (int length = 0; length <= 260; length++)
            {
                float[] floats = [.. Enumerable.Range(0, length).Select(i => i % 2 == 0 ? float.MaxValue : -float.Epsilon)];
                Assert.Equal(-1, BlockSum.FirstNonFinite(floats));
                for (int i = length - 1; i >= 0; i -= 7)
                {
                    floats[i] = broken;
                    Assert.Equal(i, BlockSum.FirstNonFinite(floats));
                }
            }
        }
    }

    [Fact]
    public void Sums_are_elementwise_at_every_length_and_in_place()
    {
        for (int length = 0; length <= 260; length++)
        {
            float[] left = [.. Enumerable.Range(0, length).Select(i => i * 0.37f)], right = [.. left.Select(value => 1f / (value + 1f))];
            float[] expected = [.. left.Zip(right, (l, r) => l + r)];
            float[] sum = new float[length];
            BlockSum.Add(left, right, sum);
            Assert.Equal(expected, sum);
            BlockSum.Add(left, right, left);
            Assert.Equal(expected, left);
        }
    }
}
