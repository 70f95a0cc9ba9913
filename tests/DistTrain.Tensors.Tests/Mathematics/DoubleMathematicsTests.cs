namespace DistTrain.Tensors.Tests;

public class DoubleMathematicsTests
{
    [Fact]
    public void Double_functions_agree_with_the_C_library_to_two_ulp()
    {
        var random = new Random(3);
        for (int i = 0; i < 200_000; i++)
        {
            double x = (random.NextDouble() - 0.5) * (i % 2 == 0 ? 8 : 1400);
            Close(Math.Exp(x), Mathematics.Exp(x), "exp", x);
            Close(Math.Log(Math.Abs(x)), Mathematics.Log(Math.Abs(x)), "log", x);
            Close(Math.Sin(x), Mathematics.Sin(x), "sin", x);
            Close(Math.Cos(x), Mathematics.Cos(x), "cos", x);
        }
    }

    [Fact]
    public void Double_special_values_are_those_of_IEEE_754()
    {
        Assert.Equal(0, Mathematics.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, Mathematics.Exp(710.0));
        Assert.Equal(Math.Exp(-740.0), Mathematics.Exp(-740.0));
        Assert.True(double.IsNaN(Mathematics.Exp(double.NaN)));
        Assert.Equal(double.NegativeInfinity, Mathematics.Log(0.0));
        Assert.Equal(double.PositiveInfinity, Mathematics.Log(double.PositiveInfinity));
        Assert.True(double.IsNaN(Mathematics.Log(-1.0)));
        Assert.Equal(Math.Log(double.Epsilon), Mathematics.Log(double.Epsilon));
        Assert.True(double.IsNaN(Mathematics.Sin(double.NaN)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mathematics.Cos(2e6));
    }

    private static void Close(double expected, double actual, string name, double x)
    {
        double ulp = double.IsInfinity(expected) ? 0 : Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
        if (actual != expected && Math.Abs(actual - expected) > 2 * ulp)
        {
            Assert.Fail($"{name}({x:R}) = {actual:R}, expected {expected:R}");
        }
    }
}
