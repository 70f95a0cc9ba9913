using DistTrain.Data;
using DistTrain.Graph;
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
    public void A_test_file_becomes_samples_by_what_the_training_file_fitted()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["train.csv"], "a,c,y\n0,red,1\n10,blue,3\n");
        File.WriteAllText(folder["test.csv"], "y,c,a\n2,red,20\n");
        JobData data = JobData.Open(JobFile.Parse($"data: {{ path: {folder["train.csv"]}, testPath: {folder["test.csv"]} }}"), Nowhere);
        Assert.Equal((2, 1), (data.Splits.Train.Count, data.Splits.Test!.Count));
        float[] features = new float[3], target = new float[1];
        data.Splits.Test.Read(0, features, target);
        Assert.Equal([3f, 0, 1, 2], [.. features, .. target]);
        File.WriteAllText(folder["test.csv"], "y,c,a\n2,green,20\n");
        Assert.Equal(
            $"{folder["test.csv"]}:2: column 2 \"c\": found \"green\"; allowed: one of blue, red",
            Assert.Throws<UserError>(() => JobData.Open(JobFile.Parse($"data: {{ path: {folder["train.csv"]}, testPath: {folder["test.csv"]} }}"), Nowhere)).Message);
    }

    [Fact]
    public void Test_pictures_are_scaled_as_the_training_pictures()
    {
        using var folder = new TestFolder();
        foreach ((string part, byte grey) in new[] { ("seen", (byte)100), ("kept", (byte)200) })
        {
            foreach (string name in new[] { "cat", "dog" })
            {
                Directory.CreateDirectory(folder[part, name]);
                File.WriteAllBytes(folder[part, name, "1.pgm"], [.. "P5 2 2 255\n"u8, grey, grey, grey, (byte)(name == "cat" ? 0 : 40)]);
            }
        }

        JobData data = JobData.Open(JobFile.Parse($"data: {{ path: {folder["seen"]}, testPath: {folder["kept"]}, scale: standard }}"), Nowhere);
        float[] seen = new float[4];
        data.Splits.Test!.Read(0, seen, []);
        Assert.Equal(((200 / 255f) - data.Standardization!.Mean[0]) / data.Standardization.Deviation[0], seen[0]);
        Directory.Move(folder["kept", "dog"], folder["kept", "eel"]);
        Assert.Equal(
            $"{folder["kept", "eel"]}: found the class \"eel\"; allowed: cat, dog",
            Assert.Throws<UserError>(() => JobData.Open(JobFile.Parse($"data: {{ path: {folder["seen"]}, testPath: {folder["kept"]} }}"), Nowhere)).Message);
    }

    [Theory]
    [InlineData("fold: 2", "data.fold: found without data.folds; allowed: together, such as folds: 5")]
    [InlineData("folds: 5", "data.fold: missing beside data.folds; allowed: 1 to 5 (only the command train takes all in turn)")]
    [InlineData("folds: 5, fold: 6", "data.fold: found 6; allowed: 1 to 5")]
    [InlineData("folds: 5, fold: 1, test: 0.1", "data.test: found beside data.folds; allowed: one of the two, since a fold is the test part")]
    [InlineData("testPath: a.csv", "data.testPath: found without data.path; allowed: together")]
    [InlineData("folds: 5, fold: 1", "digits: the set has a test part of 2000 samples already; leave the folds out.")]
    public void Keys_that_do_not_fit_each_other_are_told(string keys, string expected) => Assert.Equal(
        expected, Assert.Throws<UserError>(() => JobData.Open(JobFile.Parse($"data: {{ {keys} }}"), Nowhere)).Message);

    [Theory]
    [InlineData("csv: { }, test: 0.1", "data.testPath: found beside data.test; allowed: one of the two")]
    [InlineData("series: { window: 2 }, folds: 2, fold: 1", "data.folds: found 2 with the format series, which is cut in time; allowed: data.test, such as 0.2")]
    public void Parts_that_can_not_be_cut_so_are_told(string format, string expected)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["a.csv"], "a,y\n1,2\n3,4\n5,6\n7,8\n");
        string[] keys = format.Split("}, ");
        string test = keys[1].StartsWith("test", StringComparison.Ordinal) ? $", testPath: {folder["a.csv"]}" : "";
        Assert.Equal(expected, Assert.Throws<UserError>(() => JobData.Open(
            JobFile.Parse($"data: {{ path: {folder["a.csv"]}, format: {{ {keys[0]} }} }}, {keys[1]}{test} }}"), Nowhere)).Message);
    }

    [Fact]
    public void An_auto_encoder_learns_the_scaled_samples_that_augmentation_left_alone()
    {
        Job job = JobFile.Parse("""
            model: { layers: [Flatten, { Dense: { units: 24, activation: relu } }, { Dense: 784 }] }
            data: { limit: 300, scale: standard, reconstruct: true, augment: [noise: 0.5] }
            train: { epochs: 4, batch: 30, optimizer: { adam: 0.005 } }
            """);
        var data = JobData.Open(job, Nowhere);
        float[] seen = new float[784], raw = new float[784], target = new float[784];
        data.Splits.Test!.Read(3, seen, target);
        Assert.Equal(seen, target);
        data.Raw.Test!.Read(3, raw, target);
        Assert.Equal(seen, target);
        Assert.NotEqual(seen, raw);

        TrainingTask task = TrainingTask.Open(job, Nowhere);
        int[] indices = new int[2];
        float[] noisy = new float[2 * 784], clean = new float[2 * 784], targets = new float[2 * 784];
        task.Loader.Load(0, 0, 0, indices, noisy, targets);
        task.Data.Train.Read(indices, clean, []);
        Assert.Equal(clean, targets);
        Assert.NotEqual(clean, noisy);
        Assert.IsType<MeanSquaredError>(task.Graph.Loss);

        // The mean picture, which is 0 everywhere, has an error of about 1.
        var trainer = new LocalTrainer(task);
        double error = trainer.Evaluate(task.Data.Train, trainer.Run().Weights)!.Loss;
        Assert.True(error < 0.8, $"error {error}");
    }

    [Fact]
    public void Text_can_not_be_its_own_target()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["book.txt"], string.Concat(Enumerable.Repeat("to be or not to be\n", 20)));
        Job job = JobFile.Parse($"data: {{ path: \"{folder["book.txt"]}\", format: {{ text: {{ context: 8 }} }}, reconstruct: true }}");
        Assert.Equal(
            $"data.reconstruct: {folder["book.txt"]} has samples of text or series, or a scaled target; allowed: pictures and tables",
            Assert.Throws<UserError>(() => JobData.Open(job, Nowhere)).Message);
    }

    [Fact]
    public void The_preset_for_tables_is_two_layers_of_64()
    {
        TrainingTask task = TrainingTask.Open(JobFile.Parse("model: { preset: tabular }\ndata: { synthetic: { blobs: { classes: 3, dimensions: 5, samples: 60 } } }"), Nowhere);
        Assert.Equal(((5 + 1) * 64) + ((64 + 1) * 64) + ((64 + 1) * 3), task.Layout.Length);
    }

    [Fact]
    public void An_unknown_set_is_answered_with_the_known_ones_and_their_line() => Assert.StartsWith(
        "job:2: data.set: found \"mnits\"; did you mean \"mnist\"? allowed: one of digits, mnist, fashion-mnist, ",
        Assert.Throws<UserError>(() => JobFile.Parse("data:\n  set: mnits")).Message,
        StringComparison.Ordinal);
}
