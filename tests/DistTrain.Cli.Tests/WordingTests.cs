namespace DistTrain.Cli.Tests;

public class WordingTests
{
    [Theory]
    [InlineData(0.4, "0:00")]
    [InlineData(65, "1:05")]
    [InlineData(7200, "2:00:00")]
    [InlineData(double.PositiveInfinity, "-")]
    public void Time_left_is_told_as_on_a_clock(double seconds, string expected) => Assert.Equal(expected, Wording.Clock(seconds));

    [Theory]
    [InlineData(0.12345, "0.1235")]
    [InlineData(0, "0.0000")]
    [InlineData(0.00012345, "1.235E-4")]
    [InlineData(12345.6, "1.235E+4")]
    public void Losses_keep_four_digits_that_mean_something(double value, string expected) => Assert.Equal(expected, Wording.Loss(value));
}
