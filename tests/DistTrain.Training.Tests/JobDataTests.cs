using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class JobDataTests
{
    private static readonly DataFolders Nowhere = new(null, "no-such-folder");

    [Fact]
    public void The_default_job_learns_drawn_digits()
    {
        TrainingTask task = TrainingTask.Open(JobFile.Parse("data: { limit: 500, validation: 0.2 }"), Nowhere);
        Assert.Equal((400, 100, 2000), (task.Data.Train.Count, task.Data.Validation!.Count, task.Data.Test!.Count));
        Assert.Equal(34826, task.Layout.Length);
    }

    [Fact]
    public void Standard_scale_is_fitted_on_the_training_part_and_kept_for_the_model()
    {
        Job job = JobFile.Parse("data: { limit: 100, scale: standard }");
        JobData data = JobData.Open(job, Nowhere);
        Assert.Equal(Standardization.Fit(data.Raw.Train).Mean, data.Standardization!.Mean);
        float[] seen = new float[784], raw = new float[784];
        data.Splits.Test!.Read(3, seen, []);
        data.Raw.Test!.Read(3, raw, []);
        Assert.Equal((raw[400] - data.Standardization.Mean[0]) / data.Standardization.Deviation[0], seen[400]);
    }

    [Fact]
    public void Few_steps_on_drawn_digits_reach_a_good_share_of_right_answers()
    {
        Job job = JobFile.Parse("""
            model: { layers: [Flatten, { Dense: { units: 32, activation: relu } }, { Dense: 10 }] }
            data: { limit: 2000 }
            train: { epochs: 4, batch: 50, optimizer: { adam: 0.005 } }
            """);
        TrainingTask task = TrainingTask.Open(job, Nowhere);
        var trainer = new LocalTrainer(task);
        EvaluationResult result = trainer.Evaluate(task.Data.Test, trainer.Run().Weights)!;
        Assert.True(result.Accuracy > 0.8, $"accuracy {result.Accuracy}");
    }

    [Fact]
    public void An_unknown_set_is_answered_with_the_known_ones_and_their_line() => Assert.StartsWith(
        "job:2: data.set: found \"mnits\"; did you mean \"mnist\"? allowed: one of digits, mnist, fashion-mnist, ",
        Assert.Throws<UserError>(() => JobFile.Parse("data:\n  set: mnits")).Message,
        StringComparison.Ordinal);
}
