namespace DistTrain.Training.Tests;

public class TrainingEventJsonTests
{
    [Fact]
    public void Events_are_lines_with_snake_case_keys()
    {
        var result = new EvaluationResult(0.25, "accuracy", 0.5, 100);
        Assert.Equal(
            """{"event":"epoch","epoch":1,"step":938,"train":{"loss":0.25,"accuracy":0.5},"seconds":2,"samples_per_s":30000}""",
            TrainingEventJson.Line(new EpochCompleted { Epoch = 1, Step = 938, Train = result, Seconds = 2, SamplesPerSecond = 30000 }));
        Assert.Equal(
            """{"event":"done","steps":2,"samples":128,"seconds":0.5,"samples_per_s":256,"train_loss":0.5,"validation":{"loss":null,"mean_absolute_error":3},"test":{"loss":0.25,"accuracy":0.5},"weights_sha256":"ab","run":"runs/x"}""",
            TrainingEventJson.Line(new RunDone
            {
                Steps = 2,
                Samples = 128,
                Seconds = 0.5,
                SamplesPerSecond = 256,
                TrainLoss = 0.5,
                Validation = new EvaluationResult(double.NaN, "meanAbsoluteError", 3, 1),
                Test = result,
                WeightsSha256 = "ab",
                Run = "runs/x",
            }));
    }

    [Fact]
    public void Every_kind_of_event_has_a_line()
    {
        Type[] kinds = [.. typeof(TrainingEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TrainingEvent)))];
        Assert.Equal(8, kinds.Length);
        foreach (Type kind in kinds)
        {
            var happened = (TrainingEvent)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(kind);
            Assert.StartsWith("{\"event\":\"", TrainingEventJson.Line(happened), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Folds_are_summed_up_by_mean_and_deviation()
    {
        EvaluationResult Test(double loss, double accuracy, double area, double samples) =>
            new(loss, "accuracy", accuracy, samples) { Metrics = [new MetricValue("rocAuc", area)] };
        var done = CrossValidationDone.Of([Test(1, 0.5, 0.6, 10), Test(3, 0.5, 0.9, 11), Test(2, 0.8, 0.9, 10)]);
        Assert.Equal((3, 2.0, 31.0), (done.Folds, done.Mean.Loss, done.Mean.Samples));
        Assert.Equal(Math.Sqrt(2.0 / 3), done.Deviation.Loss, 1e-15);
        Assert.Equal((0.6, 0.8), (done.Mean.Metric, Math.Round(done.Mean[Tensors.MetricKind.RocAuc], 12)));
        Assert.Equal(Math.Sqrt(0.02), done.Deviation.Metrics[0].Value, 1e-12);
        Assert.StartsWith("{\"event\":\"cross_validation\",\"folds\":3,\"mean\":{\"loss\":2,\"accuracy\":0.6", TrainingEventJson.Line(done), StringComparison.Ordinal);
    }

    [Fact]
    public void Callbacks_get_their_kind_and_can_stop()
    {
        var control = new TrainingControl();
        var callback = new StopsAtOnce();
        callback.Dispatch(new RunNotice("x"), control);
        Assert.False(control.StopRequested);
        callback.Dispatch(new EpochCompleted { Epoch = 1, Step = 1, Train = new(1, "accuracy", 1, 1) }, control);
        control.Stop("later");
        Assert.Equal("enough", control.StopReason);
    }

    private sealed class StopsAtOnce : TrainingCallback
    {
        public override void OnEpoch(EpochCompleted happened, TrainingControl control) => control.Stop("enough");
    }
}
