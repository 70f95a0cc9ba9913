using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class StandardizationTests
{
    [Fact]
    public void Fit_gives_mean_and_deviation_of_each_place_of_the_last_dimension()
    {
        IDataSource source = Dataset.FromArrays([1f, 10f, 3f, 10f, 5f, 10f, 7f, 10f], new Shape(2, 2), new int[2]);
        Standardization fitted = Standardization.Fit(source);
        Assert.Equal([4f, 10f], fitted.Mean);
        Assert.Equal([MathF.Sqrt(5), 1f], fitted.Deviation);

        float[] features = new float[4];
        fitted.Apply(source).Read(1, features, []);
        Assert.Equal([1 / MathF.Sqrt(5), 0, 3 / MathF.Sqrt(5), 0], features);
    }

    [Fact]
    public void Given_numbers_are_checked()
    {
        Assert.Throws<UserError>(() => new Standardization([0f], [0f]));
        Assert.Throws<UserError>(() => new Standardization([0f, 1f], [1f]));
        Assert.Throws<UserError>(() => new Standardization([float.NaN], [1f]));
        IDataSource source = Dataset.FromArrays(new float[,] { { 1, 2, 3 } }, [0]);
        Assert.Throws<UserError>(() => new Standardization([0f], [1f]).Apply(source));
    }
}
