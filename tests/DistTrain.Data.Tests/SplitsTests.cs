using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class SplitsTests
{
    private static readonly IDataSource Source = Numbered(100);

    [Fact]
    public void A_validation_part_takes_its_share_and_leaves_the_rest_in_order()
    {
        Splits splits = new Splits(Source).Cut(new SplitOptions { ValidationFraction = 0.1, Seed = 1 });
        int[] train = Ids(splits.Train);
        int[] validation = Ids(splits.Validation!);
        Assert.Equal(90, train.Length);
        Assert.Equal(10, validation.Length);
        Assert.Equal(Enumerable.Range(0, 100), train.Concat(validation).Order());
        Assert.Equal(train.Order(), train);
        Assert.Equal(validation.Order(), validation);
        Assert.NotEqual(Enumerable.Range(90, 10), validation);
    }

    [Fact]
    public void The_same_seed_and_count_cut_the_same_part_and_another_seed_another()
    {
        var options = new SplitOptions { ValidationFraction = 0.2, Seed = 4 };
        int[] first = Ids(new Splits(Source).Cut(options).Validation!);
        Assert.Equal(first, Ids(new Splits(Numbered(100)).Cut(options).Validation!));
        Assert.NotEqual(first, Ids(new Splits(Source).Cut(options with { Seed = 5 }).Validation!));
    }

    [Fact]
    public void Test_part_then_limit_then_validation_part()
    {
        Splits splits = new Splits(Source).Cut(
            new SplitOptions { TestFraction = 0.25, Limit = 40, ValidationFraction = 0.25, Seed = 3 });
        Assert.Equal(25, splits.Test!.Count);
        Assert.Equal(10, splits.Validation!.Count);
        Assert.Equal(30, splits.Train.Count);
        int[] test = Ids(splits.Test);
        Assert.Equal(Enumerable.Range(0, 100).Except(test).Take(40), Ids(splits.Train).Concat(Ids(splits.Validation)).Order());
    }

    [Fact]
    public void A_limit_beyond_the_set_keeps_the_set() => Assert.Same(Source, new Splits(Source).Cut(new SplitOptions { Limit = 101 }).Train);

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    [InlineData(0.001)]
    [InlineData(0.999)]
    public void A_fraction_that_leaves_a_part_empty_is_refused(double fraction)
    {
        UserError error = Assert.Throws<UserError>(() => new Splits(Source).Cut(new SplitOptions { ValidationFraction = fraction }));
        Assert.Contains("validation fraction", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_the_set_brings_is_not_cut_again()
    {
        UserError error = Assert.Throws<UserError>(
            () => new Splits(Source, Test: Numbered(5)).Cut(new SplitOptions { TestFraction = 0.1 }));
        Assert.Contains("test part of 5 samples already", error.Message, StringComparison.Ordinal);
        Assert.Throws<UserError>(() => new Splits(Source).Cut(new SplitOptions { Limit = 0 }));
    }

    private static IDataSource Numbered(int count) =>
        Dataset.FromArrays([.. Enumerable.Range(0, count).Select(i => (float)i)], new Shape(1), new int[count]);

    private static int[] Ids(IDataSource source)
    {
        float[] features = new float[source.Count];
        source.Read([.. Enumerable.Range(0, source.Count)], features, []);
        return Array.ConvertAll(features, value => (int)value);
    }
}
