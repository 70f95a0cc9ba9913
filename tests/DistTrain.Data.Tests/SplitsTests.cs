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

    [Theory]
    [InlineData(5, 100)]
    [InlineData(3, 101)]
    [InlineData(100, 100)]
    public void Every_sample_is_in_the_test_part_of_one_fold_alone(int folds, int count)
    {
        var tested = new List<int>();
        for (int fold = 1; fold <= folds; fold++)
        {
            Splits splits = new Splits(Numbered(count)).Cut(new SplitOptions { Folds = folds, Fold = fold, Seed = 7 });
            int[] test = Ids(splits.Test!);
            Assert.InRange(test.Length, count / folds, (count / folds) + 1);
            Assert.Equal(Enumerable.Range(0, count).Except(test), Ids(splits.Train));
            Assert.Equal(test.Order(), test);
            tested.AddRange(test);
        }

        Assert.Equal(Enumerable.Range(0, count), tested.Order());
        Assert.NotEqual(Enumerable.Range(0, count), tested);
    }

    [Fact]
    public void Every_fold_has_its_share_of_every_class()
    {
        int[] classes = [.. Enumerable.Range(0, 90).Select(i => i < 7 ? 2 : i < 30 ? 1 : 0)];
        IDataSource source = Dataset.FromArrays([.. Enumerable.Range(0, 90).Select(i => (float)i)], new Shape(1), classes);
        for (int fold = 1; fold <= 4; fold++)
        {
            int[] tested = new Splits(source).Cut(new SplitOptions { Folds = 4, Fold = fold }).Test!.ReadClasses();
            Assert.InRange(tested.Count(c => c == 2), 1, 2);
            Assert.InRange(tested.Count(c => c == 1), 5, 6);
            Assert.InRange(tested.Count(c => c == 0), 15, 15);
        }
    }

    [Fact]
    public void Folds_are_the_seeds_and_come_before_limit_and_validation_part()
    {
        var options = new SplitOptions { Folds = 4, Fold = 2, Limit = 40, ValidationFraction = 0.25, Seed = 3 };
        Splits splits = new Splits(Source).Cut(options);
        Assert.Equal((25, 30, 10), (splits.Test!.Count, splits.Train.Count, splits.Validation!.Count));
        Assert.Equal(Ids(splits.Test), Ids(new Splits(Numbered(100)).Cut(options).Test!));
        Assert.NotEqual(Ids(splits.Test), Ids(new Splits(Source).Cut(options with { Seed = 4 }).Test!));
    }

    [Theory]
    [InlineData(1, 1, "found 1 folds of 100 samples; allowed: 2 to 100.")]
    [InlineData(101, 1, "found 101 folds of 100 samples; allowed: 2 to 100.")]
    [InlineData(5, 0, "found fold 0; allowed: 1 to 5.")]
    [InlineData(5, 6, "found fold 6; allowed: 1 to 5.")]
    public void Folds_that_are_none_are_refused(int folds, int fold, string expected) => Assert.EndsWith(
        expected, Assert.Throws<UserError>(() => new Splits(Source).Cut(new SplitOptions { Folds = folds, Fold = fold })).Message, StringComparison.Ordinal);

    private static IDataSource Numbered(int count) =>
        Dataset.FromArrays([.. Enumerable.Range(0, count).Select(i => (float)i)], new Shape(1), new int[count]);

    private static int[] Ids(IDataSource source)
    {
        float[] features = new float[source.Count];
        source.Read([.. Enumerable.Range(0, source.Count)], features, []);
        return Array.ConvertAll(features, value => (int)value);
    }
}
