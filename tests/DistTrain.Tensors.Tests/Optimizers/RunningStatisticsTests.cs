namespace DistTrain.Tensors.Tests;

public class RunningStatisticsTests
{
    [Fact]
    public void Average_moves_towards_the_statistic_whatever_rate_and_clipping_are()
    {
        const int N = 37;
        const float WeightSum = 24;
        float[] sums = Bits.Finite(N, 1), old = Bits.Finite(N, 2), found = new float[N];
        var rule = new RunningStatistics(0.99f);
        rule.Update(new UpdateStep(4, 0.5f, 1, 1, GradientScale: 0.25f), sums, WeightSum, old, found, [], []);
        float rest = (float)(1 - (double)0.99f);
        float[] expected = [.. old.Select((w, i) => MathF.FusedMultiplyAdd(0.99f, w, rest * (sums[i] / WeightSum)))];
        Bits.Equal(expected, found, "average");
    }

    [Fact]
    public void Momentum_is_a_fraction()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RunningStatistics(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RunningStatistics(-0.1f));
    }
}
