using System.Text;
using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Data.Tests;

public sealed class TableSetTests : IDisposable
{
    private static readonly TableOptions Plain = new() { Scale = ColumnScale.None };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Numbers_stay_texts_become_places_and_the_last_column_is_the_target()
    {
        Splits splits = Open("size,colour,price\n1.5,red,10\n-2e1,\"blue, dark\",20\n3,red,30.5\n", Plain);
        Assert.Equal((3, new Shape(3), TargetKind.Values), (splits.Train.Count, splits.Train.SampleShape, splits.Train.Target.Kind));
        Assert.Equal([1.5f, 0, 1, -20, 1, 0, 3, 0, 1], Features(splits.Train));
        Assert.Equal([10f, 20, 30.5f], Targets(splits.Train));
    }

    [Fact]
    public void A_table_without_header_is_known_by_its_numbers_and_columns_by_theirs()
    {
        Splits splits = Open("1,2,a\n3,4,b\n", Plain with { Target = "2", Drop = ["3"] });
        Assert.Equal([1f, 3], Features(splits.Train));
        Assert.Equal([2f, 4], Targets(splits.Train));
    }

    [Fact]
    public void A_column_that_turns_out_to_be_text_is_categories_from_the_first_row_on()
    {
        Splits splits = Open("a,y\n1,0\n2,1\nx,0\n", Plain);
        Assert.Equal([1f, 0, 0, 0, 1, 0, 0, 0, 1], Features(splits.Train));
    }

    [Fact]
    public void Categories_that_are_numbers_are_ordered_by_number()
    {
        Splits splits = Open("a,y\n10,no\n9,yes\n10,no\n", Plain with { Categories = ["a"] });
        Assert.Equal([0f, 1, 1, 0, 0, 1], Features(splits.Train));
        Assert.Equal(["no", "yes"], splits.Train.Target.ClassNames!);
        Assert.Equal([0, 1, 0], splits.Train.ReadClasses());
    }

    [Theory]
    [InlineData(MissingCells.Mean, 4)]
    [InlineData(MissingCells.Median, 2)]
    [InlineData(MissingCells.MostFrequent, 1)]
    [InlineData(MissingCells.Constant, -7)]
    public void Missing_numbers_are_filled(MissingCells missing, float expected)
    {
        Splits splits = Open("a,y\n1,0\n1,0\n3,0\n11,0\nNA,0\n", Plain with { Missing = missing, Constant = -7 });
        Assert.Equal([1f, 1, 3, 11, expected], Features(splits.Train));
    }

    [Fact]
    public void Missing_categories_are_filled_or_their_rows_dropped_or_refused()
    {
        const string Text = "a,y\nred,0\n,0\nblue,0\nred,0\n";
        Assert.Equal([0f, 1, 0, 1, 1, 0, 0, 1], Features(Open(Text, Plain).Train));
        Assert.Equal([0f, 1, 0, 0, 1, 0, 0, 1], Features(Open(Text, Plain with { Missing = MissingCells.Constant }).Train));
        Assert.Equal([0f, 1, 1, 0, 0, 1], Features(Open(Text, Plain with { Missing = MissingCells.Drop }).Train));
        Assert.EndsWith(
            "table.csv:3: column 1 \"a\": found nothing; allowed: no missing cell, or another value of missing",
            Assert.Throws<UserError>(() => Open(Text, Plain with { Missing = MissingCells.Refuse })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Scales_are_fitted_on_the_training_part_with_fills_in_place()
    {
        string text = "a,y\n" + string.Join('\n', Enumerable.Range(0, 20).Select(i => i % 5 == 4 ? "?,0" : $"{i * i},0"));
        foreach (ColumnScale scale in new[] { ColumnScale.Standard, ColumnScale.MinMax })
        {
            Splits splits = Open(text, Plain with { Scale = scale }, new SplitOptions { ValidationFraction = 0.3 });
            float[] seen = Features(splits.Train);
            Assert.Equal(14, seen.Length);
            if (scale == ColumnScale.Standard)
            {
                Assert.Equal(0, seen.Average(), 1e-6);
                Assert.Equal(1, Math.Sqrt(seen.Average(value => value * value)), 1e-6);
            }
            else
            {
                Assert.Equal((0f, 1f), (seen.Min(), seen.Max()));
            }
        }
    }

    [Fact]
    public void A_scaled_target_is_told_in_its_own_units()
    {
        Splits splits = Open("a,y\n1,100\n2,300\n", Plain with { ScaleTarget = true });
        Assert.Equal([-1f, 1], Targets(splits.Train));
        Assert.Equal(300, splits.Input!.TargetScaling!.Undo(1));
    }

    [Fact]
    public void A_column_of_weights_is_no_feature_and_weighs_the_training_part_alone()
    {
        Splits splits = Open("a,w,y\n1,0.5,10\n2,2,20\n3,1,30\n4,0,40\n", Plain with { Weight = "w" }, new SplitOptions { TestFraction = 0.25 });
        Assert.True(splits.Train.Target.IsWeighted);
        Assert.False(splits.Test!.Target.IsWeighted);
        Assert.Equal(new Shape(1), splits.Train.SampleShape);
        float[] expected = [.. Features(splits.Train).SelectMany(a => new[] { 10 * a, a == 1 ? 0.5f : a == 2 ? 2 : a == 3 ? 1 : 0 })];
        Assert.Equal(expected, Targets(splits.Train));
        Assert.Equal(Features(splits.Test)[0] * 10, Assert.Single(Targets(splits.Test)));
        Assert.Equal([10f, 20, 30, 40], Targets(splits.Input!.Open(folder.File("table.csv"))));
    }

    [Theory]
    [InlineData("a,w,y\n1,-2,3\n", ":2: column 2 \"w\": found \"-2\"; allowed: a weight from 0")]
    [InlineData("a,w,y\n1,2,3\n1,,3\n", ":3: column 2 \"w\": found nothing; allowed: a weight in every row, or missing: drop")]
    [InlineData("a,w,y\n1,much,3\n", ":2: column 2 \"w\": found \"much\"; allowed: a number")]
    [InlineData("a,y,w\n1,2,3\n", ": weight: found \"w\", which is the target; allowed: another column")]
    public void Weights_that_are_none_are_told_with_line_and_column(string text, string expected) => Assert.EndsWith(
        "table.csv" + expected, Assert.Throws<UserError>(() => Open(text, Plain with { Weight = "w" })).Message, StringComparison.Ordinal);

    [Fact]
    public void Some_texts_can_be_the_class_yes()
    {
        Splits splits = Open("a,y\n1,3\n2,5\n3,4\n4,8\n", Plain with { Positive = ["3", "4"] });
        Assert.Equal(["no", "yes"], splits.Train.Target.ClassNames!);
        Assert.Equal([1, 0, 1, 0], splits.Train.ReadClasses());
        InputFormat again = InputFormat.FromJson(splits.Input!.ToJson(), "input.json");
        Assert.Equal([0, 1], again.Open(folder.Write("more.csv", "a,y\n1,9\n2,3\n"u8.ToArray())).ReadClasses());
        Assert.EndsWith(
            "table.csv: positive: found no in every row of \"y\"; allowed: texts that some rows have, and not all",
            Assert.Throws<UserError>(() => Open("a,y\n1,3\n2,5\n", Plain with { Positive = ["good"] })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_place_of_a_feature_is_its_line_and_column()
    {
        Splits splits = Open("c,a,y\nred,1,0\n\nblue,,1\nblue,3,1\n\"gr\neen\",4,0\nred,5,1\n", Plain with { Missing = MissingCells.Drop });
        string path = folder.File("table.csv");
        Assert.Equal($"{path}:2: column 1 \"c\"", splits.Train.Place(0, 2));
        Assert.Equal($"{path}:5: column 2 \"a\"", splits.Train.Place(1, 3));
        Assert.Equal($"{path}:8: column 2 \"a\"", Splits.First(splits.Train, 4).Place(3, 3));
        Assert.Equal("arrays: sample 1, value 0", Dataset.FromArrays([[1f], [2f]], new[] { 0, 1 }).Place(1, 0));
    }

    [Theory]
    [InlineData("a,y\n1,2\n3\n", ":3: column 1: found 1 cells; allowed: 2, as the first row has")]
    [InlineData("a,y\n1,2\n3,4,5\n", ":3: column 3: found 3 cells; allowed: 2, as the first row has")]
    [InlineData("a,y\n1,2\n\"3,4\n5,6\n", ":3: found a quoted field that is never closed; allowed: rows of CSV")]
    [InlineData("a,a\n1,2\n", ":1: found the column \"a\" 2 times; allowed: names that differ")]
    [InlineData("a,y\n", ": has no row; allowed: at least one")]
    [InlineData("a,y\n1,\n", ":2: column 2 \"y\": found nothing; allowed: a target in every row, or missing: drop")]
    [InlineData("a;y\n1;2\n", ":1: found 1 column and no feature among them; allowed: at least one besides the target (is the separator right?)")]
    [InlineData("a,y\n?,1\n,2\n", ": column 1 \"a\": has no value in the training part; allowed: the column named in drop, or missing: constant")]
    [InlineData("", ": empty file, expected a table as CSV")]
    public void What_is_wrong_is_told_with_line_and_column(string text, string expected)
    {
        string path = folder.Write("table.csv", Encoding.UTF8.GetBytes(text));
        Assert.Equal(path + expected, Assert.Throws<UserError>(() => TableSet.Open(path, Plain, new SplitOptions())).Message);
    }

    [Fact]
    public void Text_where_a_number_is_declared_is_refused() => Assert.EndsWith(
        "table.csv:3: column 1 \"a\": found \"x\"; allowed: a number",
        Assert.Throws<UserError>(() => Open("a,y\n1,2\nx,4\n", Plain with { Numbers = ["a"] })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_column_that_is_named_and_not_there_is_told() => Assert.EndsWith(
        "table.csv: target: found \"z\"; allowed: a number from 1 to 2, or one of a, y",
        Assert.Throws<UserError>(() => Open("a,y\n1,2\n", Plain with { Target = "z" })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Free_text_is_no_category()
    {
        string text = "a,y\n" + string.Join('\n', Enumerable.Range(0, 1200).Select(i => $"name{i},0"));
        Assert.EndsWith(
            "table.csv:1002: column 1 \"a\": found more than 1000 different texts; the first that is no number is \"name0\" in line 2; allowed: fewer, or the column named in drop or numbers",
            Assert.Throws<UserError>(() => Open(text, Plain)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_rows_give_the_samples_of_training_with_or_without_header()
    {
        Splits splits = Open("size,name,colour,price\n1,x,red,10\n5,y,blue,20\n3,z,red,30\n", new TableOptions { Drop = ["name"], ScaleTarget = true });
        InputFormat input = InputFormat.FromJson(splits.Input!.ToJson(), "input.json");
        Assert.Equal(splits.Input.ToJson(), input.ToJson());
        float[] expected = Features(splits.Train);
        Assert.Equal(expected[3..6], Features(input.Read(new StringReader("colour,extra,size\nblue,1,5\n"), "standard input")));
        Assert.Equal(expected[3..6], Features(input.Read(new StringReader("5,y,blue,?\n"), "standard input")));
        Assert.Equal(expected[3..6], Features(input.Read(new StringReader("5,y,blue\n"), "standard input")));
        Assert.Equal(expected[3..6], Features(input.Read(new StringReader("5,blue\n"), "standard input")));
        Assert.Equal(
            "standard input:2: column 2 \"colour\": found \"green\"; allowed: one of blue, red",
            Assert.Throws<UserError>(() => input.Read(new StringReader("5,red\n5,green\n"), "standard input")).Message);
        Assert.Equal(
            "standard input:1: column 1 \"size\": found \"big\"; allowed: a number",
            Assert.Throws<UserError>(() => input.Read(new StringReader("big,red\n"), "standard input")).Message);
        IDataSource again = input.Open(folder.File("table.csv"));
        Assert.Equal(expected, Features(again));
        Assert.Equal(Targets(splits.Train), Targets(again));
    }

    [SkippableTheory]
    [InlineData("iris.csv", 150, 4, 3)]
    [InlineData("winequality-red.csv", 1599, 11, 0)]
    [InlineData("titanic-train.csv", 891, 12, 2)]
    [InlineData("california-housing.csv", 20640, 13, 0)]
    public void Real_tables_are_read(string file, int rows, int width, int classes)
    {
        Skip.If(RealData.Folder("tabular") is null, RealData.Missing("tabular"));
        TableOptions options = file switch
        {
            "titanic-train.csv" => new TableOptions { Target = "Survived", TargetKind = ColumnKind.Category, Drop = ["PassengerId", "Name", "Ticket", "Cabin"], Categories = ["Pclass"] },
            "california-housing.csv" => new TableOptions { Target = "median_house_value", ScaleTarget = true },
            _ => new TableOptions(),
        };
        IDataSource train = TableSet.Open(Path.Combine(RealData.Folder("tabular")!, file), options, new SplitOptions()).Train;
        Assert.Equal((rows, width, classes), (train.Count, train.SampleShape.Length, train.Target.Classes));
        Assert.All(Features(train), value => Assert.True(float.IsFinite(value)));
    }

    private Splits Open(string text, TableOptions options, SplitOptions? split = null) =>
        TableSet.Open(folder.Write("table.csv", Encoding.UTF8.GetBytes(text)), options, split ?? new SplitOptions());

    private static float[] Features(IDataSource source)
    {
        float[] features = new float[source.Count * source.SampleShape.Length];
        source.Read([.. Enumerable.Range(0, source.Count)], features, []);
        return features;
    }

    private static float[] Targets(IDataSource source)
    {
        float[] features = new float[source.Count * source.SampleShape.Length], targets = new float[source.Count * source.Target.Length];
        source.Read([.. Enumerable.Range(0, source.Count)], features, targets);
        return targets;
    }
}
