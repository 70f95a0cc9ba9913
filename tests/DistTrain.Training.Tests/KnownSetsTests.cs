using DistTrain.Data;
using DistTrain.TestKit;

namespace DistTrain.Training.Tests;

/// <summary>The known sets that are plain files train from a line of YAML.</summary>
public class KnownSetsTests
{
    [SkippableTheory]
    [InlineData("iris", "tabular", "validation: 0.2", 0.9)]
    [InlineData("titanic", "tabular", "validation: 0.2", 0.76)]
    public void Tables_of_classes_are_learnt(string set, string folder, string keys, double accuracy)
    {
        EvaluationResult result = Train(set, folder, keys, "epochs: 20, batch: 16, optimizer: { adam: 0.01 }", "{ Dense: { units: 16, activation: relu } }, { Dense: CLASSES }");
        Assert.True(result.Accuracy > accuracy, $"accuracy {result.Accuracy}");
    }

    [SkippableTheory]
    [InlineData("wine-quality", "tabular", "validation: 0.2", 0.75)]
    [InlineData("california-housing", "tabular", "validation: 0.2, limit: 4000", 0.5)]
    [InlineData("daily-temperatures", "timeseries", "validation: 0.2", 0.5)]
    [InlineData("airline-passengers", "timeseries", "validation: 0.2", 0.9)]
    [InlineData("sp500", "timeseries", "validation: 0.1, limit: 2000", 40)]
    public void Numbers_are_learnt_better_than_by_their_mean(string set, string folder, string keys, double squaredErrorMax)
    {
        // Targets are standardised: saying the mean has a squared error of about 1 (the end of the index is far above its beginning).
        EvaluationResult result = Train(set, folder, keys, "epochs: 10, batch: 32, optimizer: { adam: 0.005 }", "Flatten, { Dense: { units: 16, activation: relu } }, { Dense: 1 }");
        Assert.True(result.Loss < squaredErrorMax, $"squared error {result.Loss}");
    }

    [SkippableTheory]
    [InlineData("tinyshakespeare", "text", 64)]
    [InlineData("rt-polarity", "text", 64)]
    [InlineData("cifar-10", "cifar-10", 3072)]
    public void Texts_and_pictures_are_read(string set, string folder, int length)
    {
        Skip.If(RealData.Folder(folder) is null, RealData.Missing(folder));
        JobData data = JobData.Open(JobFile.Parse($"data: {{ set: {set}, limit: 100 }}"), Folders());
        Assert.Equal((100, length), (data.Splits.Train.Count, data.Splits.Train.SampleShape.Length));
        Assert.NotNull(data.Splits.Input);
    }

    [Fact]
    public void Mixed_and_augmented_digits_train_and_workers_would_see_the_same()
    {
        Job job = JobFile.Parse("""
            model: { layers: [ Flatten, { Dense: 10 } ] }
            data: { limit: 200, augment: [ { shift: 2 }, { rotate: 10 }, { cutout: 4 }, { noise: 0.05 } ], mixup: 0.2 }
            train: { epochs: 1, batch: 20 }
            """);
        TrainingTask task = TrainingTask.Open(job, new DataFolders(null, "nowhere"));
        Assert.Equal((10, "categoricalCrossentropy"), (task.Data.Train.Target.Length, task.Graph.Loss!.Name));
        int[] indices = new int[20], part = new int[7];
        float[] features = new float[20 * 784], targets = new float[200], partFeatures = new float[7 * 784], partTargets = new float[70];
        task.Loader.Load(1, 3, 0, indices, features, targets);
        task.Loader.Load(1, 3, 13, part, partFeatures, partTargets);
        Assert.Equal(indices[13..], part);
        Assert.Equal(features[(13 * 784)..], partFeatures);
        Assert.Equal(targets[130..], partTargets);
        Assert.Contains(targets, share => share is > 0 and < 1);
        Assert.Equal(task.Steps.TotalSteps, new LocalTrainer(task).Run().Step);
    }

    [Theory]
    [InlineData("blobs", 3)]
    [InlineData("moons", 2)]
    [InlineData("{ spirals: { classes: 4, samples: 400 } }", 4)]
    [InlineData("sines", 0)]
    public void Synthetic_sets_are_one_key(string synthetic, int classes)
    {
        JobData data = JobData.Open(JobFile.Parse($"data: {{ synthetic: {synthetic}, validation: 0.1 }}"), new DataFolders(null, "nowhere"));
        Assert.Equal(classes, data.Splits.Train.Target.Classes);
    }

    private static DataFolders Folders() => new(Environment.GetEnvironmentVariable(RealData.Variable), "nowhere");

    private static EvaluationResult Train(string set, string folder, string keys, string train, string layers)
    {
        Skip.If(RealData.Folder(folder) is null, RealData.Missing(folder));
        int classes = JobData.Open(JobFile.Parse($"data: {{ set: {set}, {keys} }}"), Folders()).Splits.Train.Target.Classes;
        Job job = JobFile.Parse($"model: {{ layers: [ {layers.Replace("CLASSES", $"{classes}", StringComparison.Ordinal)} ] }}\ndata: {{ set: {set}, {keys} }}\ntrain: {{ {train} }}");
        TrainingTask task = TrainingTask.Open(job, Folders());
        var trainer = new LocalTrainer(task);
        return trainer.Evaluate(task.Data.Validation, trainer.Run().Weights)!;
    }
}
