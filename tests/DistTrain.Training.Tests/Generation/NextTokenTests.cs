namespace DistTrain.Training.Tests;

public class NextTokenTests
{
    private static readonly float[] Probabilities = [0.1f, 0.4f, 0, 0.4f, 0.1f];

    [Theory]
    [InlineData(0f, 0)]
    [InlineData(0.0999f, 0)]
    [InlineData(0.101f, 1)]
    [InlineData(0.51f, 3)]
    [InlineData(0.91f, 4)]
    [InlineData(0.99999994f, 4)]
    public void Temperature_one_draws_by_the_probabilities(float u, int expected) => Assert.Equal(expected, NextToken.Draw(Probabilities, 1, null, u));

    [Theory]
    [InlineData(0f)]
    [InlineData(0.99f)]
    public void Temperature_zero_takes_the_first_of_the_likeliest(float u) => Assert.Equal(1, NextToken.Draw(Probabilities, 0, null, u));

    [Fact]
    public void Low_temperatures_favour_the_likely_and_high_ones_the_unlikely()
    {
        int Share(double temperature) => Enumerable.Range(0, 1000).Count(i => NextToken.Draw(Probabilities, temperature, null, i / 1000f) is 1 or 3);
        Assert.InRange(Share(1), 795, 805);
        Assert.InRange(Share(0.5), 936, 946);
        Assert.InRange(Share(1e6), 495, 505);
    }

    [Fact]
    public void Top_k_draws_among_the_k_likeliest_alone()
    {
        int[] Drawn(int k) => [.. Enumerable.Range(0, 1000).Select(i => NextToken.Draw(Probabilities, 1, k, i / 1000f)).Distinct().Order()];
        Assert.Equal([1], Drawn(1));
        Assert.Equal([1, 3], Drawn(2));
        Assert.Equal([0, 1, 3], Drawn(3));
        Assert.Equal([0, 1, 3, 4], Drawn(4));
        Assert.Equal([0, 1, 3, 4], Drawn(99));
    }
}
