using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Training.Tests;

public class TrainingTaskTests
{
    private const string Yaml = "model: { layers: [Flatten, { Dense: 3 }] }\ntrain: { batch: 16, epochs: 1 }";

    [Fact]
    public void A_checkpoint_of_another_job_other_data_or_beyond_the_end_is_refused()
    {
        TrainingTask task = TestTasks.Task(Yaml);
        Checkpoint good = task.Start() with { DataSha256 = task.DataSha256 };
        task.Check(good, new HashSet<string> { good.JobSha256 });
        Assert.Contains("another job", Refused(good, "other"), StringComparison.Ordinal);
        Assert.Contains("made on other data", Refused(good with { DataSha256 = TestTasks.Task(Yaml, samples: 54).DataSha256 }, good.JobSha256), StringComparison.Ordinal);
        Assert.Contains("435 weights and 0 slot values; the job needs 435 and 870", Refused(good with { Slots = [] }, good.JobSha256), StringComparison.Ordinal);
        Assert.Equal(
            "the checkpoint of step 5 is beyond the last step, 4; allowed: a larger train.epochs or train.steps",
            Refused(good with { Step = 5 }, good.JobSha256));

        string Refused(Checkpoint checkpoint, string job) => Assert.Throws<UserError>(() => task.Check(checkpoint, new HashSet<string> { job })).Message;
    }

    [Fact]
    public void A_model_made_in_code_trains_like_its_job()
    {
        var options = new TrainerOptions { Train = new TrainJob { Batch = 16, Epochs = 1 } };
        var model = new Sequential { new Flatten(), new Dense(3) };
        TrainingTask task = TrainingTask.Create(options, model, TestTasks.Pictures(53));
        Assert.Equal(
            WeightsHash.Sha256(new LocalTrainer(TestTasks.Task(Yaml)).Run().Weights), WeightsHash.Sha256(new LocalTrainer(task).Run().Weights));
        Assert.Equal(["flatten", "dense"], task.Job.Model.Nodes!.Select(node => node.Name));
    }

    [SkippableFact]
    public void A_little_of_mnist_is_learnt()
    {
        Skip.If(RealData.Folder("mnist") is null, RealData.Missing("mnist"));
        Job job = JobFile.Parse("""
            model: { preset: cnn }
            data: { set: mnist, limit: 3200 }
            train: { batch: 32, epochs: 1, optimizer: { adam: 0.003 } }
            """);
        TrainingTask task = TrainingTask.Open(job, new DataFolders(Path.GetDirectoryName(RealData.Folder("mnist")), "none"));
        var trainer = new LocalTrainer(task);
        EvaluationResult result = trainer.Evaluate(task.Data.Test, trainer.Run().Weights)!;
        Assert.True(result.Accuracy > 0.93, $"accuracy {result.Accuracy}");
        Assert.Equal(10000, result.Samples);
    }
}
