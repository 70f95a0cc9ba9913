using System.Text;
using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Data.Tests;

public sealed class SeriesSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sample_sees_a_window_and_its_target_comes_next()
    {
        Splits splits = Open(Steps(10), new SeriesOptions { Window = 3, Horizon = 2, Scale = ColumnScale.None });
        Assert.Equal((6, new Shape(3, 1), new Shape(2)), (splits.Train.Count, splits.Train.SampleShape, splits.Train.Target.Shape));
        float[] features = new float[3], targets = new float[2];
        splits.Train.Read(5, features, targets);
        Assert.Equal([5f, 6, 7], features);
        Assert.Equal([8f, 9], targets);
    }

    [Fact]
    public void Parts_are_cut_in_time_by_their_targets_and_scales_see_the_training_part_alone()
    {
        Splits splits = Open(Steps(20), new SeriesOptions { Window = 3, Scale = ColumnScale.MinMax }, new SplitOptions { ValidationFraction = 0.25, TestFraction = 0.2 });

        // Test: steps 16 to 19; validation: 12 to 15; training: 0 to 11, so 11 becomes 1.
        Assert.Equal((9, 4, 4), (splits.Train.Count, splits.Validation!.Count, splits.Test!.Count));
        float[] features = new float[3], targets = new float[1];
        splits.Validation.Read(0, features, targets);
        Assert.Equal([9f / 11, 10f / 11, 1f], features);
        Assert.Equal(12f / 11, targets[0]);
        Assert.Equal(12, splits.Input!.TargetScaling!.Undo(targets[0]), 1e-5f);
    }

    [Fact]
    public void Several_columns_are_seen_and_another_one_forecast()
    {
        Splits splits = Open(Steps(10), new SeriesOptions { Window = 2, Target = "twice", Columns = ["day", "value"], Scale = ColumnScale.None });
        float[] features = new float[4], targets = new float[1];
        splits.Train.Read(1, features, targets);
        Assert.Equal([101f, 1, 102, 2], features);
        Assert.Equal(6, targets[0]);
        Assert.False(splits.Input!.TryForecastNaively(features, targets));
    }

    [Fact]
    public void The_naive_forecast_is_the_last_step()
    {
        Splits splits = Open(Steps(10), new SeriesOptions { Window = 2, Horizon = 2, Scale = ColumnScale.None });
        float[] features = new float[2], forecast = new float[2];
        splits.Train.Read(3, features, []);
        Assert.True(splits.Input!.TryForecastNaively(features, forecast));
        Assert.Equal([4f, 4], forecast);
    }

    [Fact]
    public void A_series_shorter_than_its_window_is_refused()
    {
        Assert.EndsWith(
            "series.csv: its training part has 4 steps; a window of 5 and a horizon of 1 need 6 (\"value\")",
            Assert.Throws<UserError>(() => Open(Steps(4), new SeriesOptions { Window = 5 })).Message,
            StringComparison.Ordinal);
        InputFormat input = InputFormat.FromJson(Open(Steps(10), new SeriesOptions { Window = 5 }).Input!.ToJson(), "input.json");
        Assert.Equal(
            "standard input: has 3 steps; a window needs 5",
            Assert.Throws<UserError>(() => input.Read(new StringReader("value\n1\n2\n3\n"), "standard input")).Message);
        IDataSource last = input.Read(new StringReader("1\n2\n3\n4\n5\n6\n"), "standard input");
        Assert.Equal((1, TargetKind.None), (last.Count, last.Target.Kind));
    }

    [Fact]
    public void A_step_without_number_is_named() => Assert.EndsWith(
        "series.csv:3: column 3 \"value\": found \"x\"; allowed: a number",
        Assert.Throws<UserError>(() => Open("day,twice,value\n1,2,3\n1,2,x\n", new SeriesOptions())).Message,
        StringComparison.Ordinal);

    [SkippableTheory]
    [InlineData("airline-passengers.csv", 144 - 12)]
    [InlineData("daily-min-temperatures.csv", 3650 - 12)]
    [InlineData("sp500-2000.csv", 5105 - 12)]
    public void Real_series_are_read(string file, int samples)
    {
        Skip.If(RealData.Folder("timeseries") is null, RealData.Missing("timeseries"));
        Splits splits = SeriesSet.Open(Path.Combine(RealData.Folder("timeseries")!, file), new SeriesOptions { Window = 12 }, new SplitOptions());
        Assert.Equal(samples, splits.Train.Count);
    }

    private static string Steps(int count) => "day,twice,value\n" + string.Join('\n', Enumerable.Range(0, count).Select(i => $"{100 + i},{2 * i},{i}"));

    private Splits Open(string text, SeriesOptions options, SplitOptions? split = null) =>
        SeriesSet.Open(folder.Write("series.csv", Encoding.UTF8.GetBytes(text)), options, split ?? new SplitOptions());
}
