using DistTrain.Training;

namespace DistTrain.Cli.Tests;

public class EpochLinesTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 1)]
    [InlineData(21, 2)]
    [InlineData(50, 5)]
    [InlineData(500, 50)]
    [InlineData(1_000, 50)]
    [InlineData(1_000_000, 50_000)]
    public void There_are_about_twenty_lines(int epochs, int stride) => Assert.Equal(stride, EpochLines.Stride(epochs));

    [Fact]
    public async Task Of_many_epochs_some_get_a_line_and_the_history_has_all()
    {
        using var folder = new Training.Tests.TestFolder();
        File.WriteAllText(folder["job.yaml"], "model: { layers: [ Flatten, { Dense: 10 } ] }\ndata: { limit: 16 }\ntrain: { epochs: 60, batch: 16 }\n");
        CliRun run = await CliRun.Of("train", folder["job.yaml"], "--out", folder["run"]);
        string[] shown = [.. run.Output.Split('\n').Where(line => line.StartsWith("epoch ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])];
        Assert.Equal(("1/60", "60/60"), (shown[0], shown[^1]));
        Assert.All(Enumerable.Range(1, 12), i => Assert.Contains($"{5 * i}/60", shown));
        Assert.Equal(60, File.ReadAllLines(folder["run", "metrics.jsonl"]).Count(line => line.Contains("\"event\":\"epoch\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_last_epoch_of_a_run_that_ended_early_is_held_for_its_end()
    {
        var lines = new EpochLines(new StoppedTime());
        Assert.Equal([1, 5, 10], Enumerable.Range(1, 12).Where(epoch => lines.Shows(Epoch(epoch), Started)));
        Assert.Equal(12, lines.Held?.Epoch);
        Assert.True(lines.Shows(Epoch(100), Started));
        Assert.Null(lines.Held);
    }

    [Fact]
    public void After_ten_seconds_without_a_line_an_epoch_gets_one()
    {
        var time = new StoppedTime();
        var lines = new EpochLines(time);
        Assert.True(lines.Shows(Epoch(1), Started));
        time.Seconds = 9;
        Assert.False(lines.Shows(Epoch(2), Started));
        time.Seconds = 10;
        Assert.True(lines.Shows(Epoch(3), Started));
        Assert.False(lines.Shows(Epoch(4), Started));
    }

    private sealed class StoppedTime : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    private static RunStarted Started { get; } = new()
    {
        Model = "mlp",
        Data = "digits",
        Parameters = 1,
        TrainSamples = 10,
        ValidationSamples = 0,
        Epochs = 100,
        TotalSteps = 100,
        Batch = 10,
        Slices = 1,
        Workers = 1,
        Servers = 1,
        Threads = 1,
        JobSha256 = "",
    };

    private static EpochCompleted Epoch(int epoch) => new() { Epoch = epoch, Step = epoch, Train = new EvaluationResult(1, "accuracy", 1, 1) };
}
