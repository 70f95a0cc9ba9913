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
        Assert.Equal(6, kinds.Length);
        foreach (Type kind in kinds)
        {
            var happened = (TrainingEvent)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(kind);
            Assert.StartsWith("{\"event\":\"", TrainingEventJson.Line(happened), StringComparison.Ordinal);
        }
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
