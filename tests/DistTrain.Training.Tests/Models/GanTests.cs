using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>A generator once it is trained: what it takes is normal numbers, whatever the data were like.</summary>
public class GanTests
{
    private const string Networks = """
        model:
          gan:
            latent: 5
            generator: [{ Dense: { units: 144, activation: sigmoid } }, { Reshape: [12, 12, 1] }]
            discriminator: [Flatten, { Dense: 1 }]
        data: { scale: standard }
        train: { epochs: 1, batch: 16 }
        """;

    [Fact]
    public void A_generator_is_saved_without_the_format_and_the_scaling_of_the_data()
    {
        using var folder = new TestFolder();
        Model model = Trained();
        model.Save(folder.Path);
        Model loaded = Model.Load(folder.Path);

        Assert.Null(loaded.Input);
        Assert.Null(loaded.ClassNames);
        Assert.Equal(model.Generate(3), loaded.Generate(3));
        Assert.Equal(new Shape(12, 12, 1), loaded.OutputShape);
    }

    [Fact]
    public void A_generated_sample_is_decided_by_its_seed_and_its_number()
    {
        Model model = Trained();
        float[] many = model.Generate(300, seed: 7);

        Assert.Equal(model.Generate(2, seed: 7), many[..288]);
        Assert.NotEqual(many[..144], many[144..288]);
        Assert.NotEqual(model.Generate(1, seed: 8), many[..144]);
        Assert.All(many, value => Assert.InRange(value, 0, 1));
    }

    [Fact]
    public void A_model_of_data_generates_nothing()
    {
        TrainingTask task = TestTasks.Task("model: { layers: [Flatten, { Dense: 3 }] }");
        var model = new Model(task.Graph);
        model.Adopt(task, task.InitialWeights());
        Assert.Equal(
            "the model takes samples (12, 12, 1) of data; allowed: a generator, which takes (numbers)",
            Assert.Throws<UserError>(() => model.Generate(1)).Message);
    }

    private static Model Trained()
    {
        Job job = JobFile.Parse(Networks);
        var data = JobData.From(job, new Splits(TestTasks.Pictures(40)));
        Assert.NotNull(data.Splits.Input);
        var task = TrainingTask.Create(job, data.Splits, data.Standardization);
        var model = new Model(task.ResultGraph);
        model.Adopt(task, task.ResultWeights(new LocalTrainer(task).Run()));
        return model;
    }
}
