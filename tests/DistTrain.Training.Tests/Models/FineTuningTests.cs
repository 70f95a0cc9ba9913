using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>Runs that begin with a saved model's weights, and leave some as they are.</summary>
public class FineTuningTests
{
    private const string Train = "train: { epochs: 2, batch: 16, optimizer: { adam: 0.01 }, l2: 0.01 }\n";

    [Fact]
    public void Weights_come_by_name_and_frozen_ones_stay()
    {
        using var folder = new TestFolder();
        TrainingTask first = Save(folder.Path);
        Job job = JobFile.Parse($"model: {{ from: \"{folder.Path}\", layers: [Flatten, {{ Dense: {{ units: 6, trainable: false }} }}, {{ Dense: {{ units: 3, name: head }} }}] }}\n" + Train);
        TrainingTask task = TrainingTask.Create(job, new Splits(TestTasks.Pictures(53)));
        float[] start = task.InitialWeights(), end = new LocalTrainer(task).Run().Weights, saved = Model.Load(folder.Path).Weights.ToArray();
        Range kernel = task.Layout[0];
        Assert.Equal("dense/kernel", task.Layout.Parameters[0].Name);
        Assert.Equal(saved[kernel], start[kernel]);
        Assert.Equal(saved[kernel], end[kernel]);
        Assert.NotEqual(start[task.Layout[2]], end[task.Layout[2]]);
        Assert.Equal(first.Layout[0], kernel);
    }

    [Fact]
    public void The_network_of_the_saved_model_is_the_runs_where_it_has_none()
    {
        using var folder = new TestFolder();
        Save(folder.Path);
        TrainingTask task = TrainingTask.Create(JobFile.Parse($"model: {{ from: \"{folder.Path}\", freeze: [dense] }}\n" + Train), new Splits(TestTasks.Pictures(53)));
        Assert.Equal(Model.Load(folder.Path).Weights.ToArray(), task.InitialWeights());
        Assert.Equal(["dense/kernel", "dense/bias"], task.Layout.Parameters.Where(parameter => parameter.IsFrozen).Select(parameter => parameter.Name));

        // Written out: another machine needs no folder to build it.
        Assert.Equal(["flatten", "dense", "dense_1", "prediction"], task.Job.Model.Nodes!.Select(node => node.Name));
        Assert.Equal(task.Job.Sha256(), JobFile.Parse(task.Job.ToYaml()).Sha256());
    }

    [Theory]
    [InlineData("layers: [Flatten, { Dense: 5 }]", "model.from: 'dense/kernel' is (144, 6) in ", "and (144, 5) in the model")]
    [InlineData("layers: [Flatten, { Dense: { units: 3, name: head } }]", "has none of the model's parameters; it has dense/kernel", "the model head/kernel, head/bias")]
    [InlineData("freeze: [densa]", "model.freeze: found \"densa\"; did you mean \"dense\"? allowed: dense, dense_1", "dense/kernel")]
    [InlineData("freeze: [dense, dense_1]", "model.freeze: nothing is left", "")]
    public void What_does_not_fit_is_told_with_both_sides(string keys, string expected, string also)
    {
        using var folder = new TestFolder();
        Save(folder.Path);
        UserError error = Assert.Throws<UserError>(() => TrainingTask
            .Create(JobFile.Parse($"model: {{ from: \"{folder.Path}\", {keys} }}\n" + Train), new Splits(TestTasks.Pictures(53))).InitialWeights());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(also, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_penalty_of_one_layer_is_in_its_gradient_alone()
    {
        float[] Trained(string penalty)
        {
            Job job = JobFile.Parse($"model: {{ layers: [Flatten, {{ Dense: {{ units: 3{penalty} }} }}] }}\ntrain: {{ steps: 1, batch: 53, optimizer: {{ sgd: 0.5 }} }}");
            return new LocalTrainer(TrainingTask.Create(job, new Splits(TestTasks.Pictures(53)))).Run().Weights;
        }

        TrainingTask task = TestTasks.Task("model: { layers: [Flatten, { Dense: 3 }] }\ntrain: { steps: 1, batch: 53 }");
        float[] start = task.InitialWeights(), plain = Trained(""), pulled = Trained(", kernelRegularizer: { l1: 0.25, l2: 0.125 }");
        Assert.Equal(plain[432..], pulled[432..]);
        Assert.All(Enumerable.Range(0, 432), i => Assert.Equal(plain[i] - (0.5f * ((0.25f * start[i]) + (0.25f * Math.Sign(start[i])))), pulled[i], 1e-6f));
    }

    [Fact]
    public void Two_networks_take_turns_and_leave_the_generator()
    {
        const string Yaml = """
            model:
              gan:
                latent: 4
                generator: [{ Dense: { units: 144, activation: sigmoid } }, { Reshape: { targetShape: [12, 12, 1] } }]
                discriminator: [Flatten, { Dense: 8 }, LeakyReLU, { Dense: 1 }]
            train: { epochs: 1, batch: 16, optimizer: { adam: 0.01 } }
            """;
        TrainingTask task = TestTasks.Task(Yaml);
        var trainer = new LocalTrainer(task);
        int generator = (int)task.ResultGraph.ParameterCount;
        Checkpoint before = task.Start();
        for (int step = 0; step < 4; step++)
        {
            Checkpoint after = trainer.Step(before);
            Assert.Equal(step % 2 == 0, before.Weights.AsSpan(0, generator).SequenceEqual(after.Weights.AsSpan(0, generator)));
            Assert.Equal(step % 2 == 1, before.Weights.AsSpan(generator).SequenceEqual(after.Weights.AsSpan(generator)));
            before = after;
        }

        var model = new Model(task.ResultGraph);
        model.Adopt(task, before.Weights);
        Assert.Equal(2 * 144, model.Predict(new float[8]).Length);
        using var folder = new TestFolder();
        model.Save(folder.Path);
        Assert.Equal(model.WeightsSha256, Model.Load(folder.Path).WeightsSha256);

        var gan = new Gan(
            4,
            new Sequential { new Graph.Dense(144, Graph.Activation.Sigmoid), new Graph.Reshape(new Shape(12, 12, 1)) },
            new Sequential { new Graph.Flatten(), new Graph.Dense(8), new Graph.LeakyReLU(0.3f), new Graph.Dense(1) });
        TrainingTask same = TrainingTask.Create(new TrainerOptions { Train = task.Job.Train }, gan, TestTasks.Pictures(53));
        Assert.Equal(WeightsHash.Sha256(trainer.Run().Weights), WeightsHash.Sha256(new LocalTrainer(same).Run().Weights));
    }

    [Theory]
    [InlineData("generator: [{ Dense: 9 }], discriminator: [Flatten, { Dense: 1 }]", "makes samples (9), the data's are (12, 12, 1)")]
    [InlineData("generator: [{ Dense: 144 }, { Reshape: { targetShape: [12, 12, 1] } }], discriminator: [Flatten, { Dense: { units: 1, activation: sigmoid } }]", "without sigmoid")]
    [InlineData("generator: [{ Dense: 144 }, { Reshape: { targetShape: [12, 12, 1] } }], discriminator: [Flatten, { Dense: 1 }], generatorOptimizer: sgd", "two optimizers of one kind")]
    public void Networks_that_do_not_meet_are_refused(string keys, string expected) => Assert.Contains(
        expected, Assert.Throws<UserError>(() => TestTasks.Task($"model: {{ gan: {{ {keys} }} }}")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_run_ends_at_the_loss_or_step_that_it_is_told()
    {
        const string Yaml = "model: { layers: [Flatten, { Dense: 3 }] }\ntrain: { epochs: 40, batch: 16, optimizer: { adam: 0.01 }, stop: { loss: 0.9 } }";
        TrainingTask task = TestTasks.Task(Yaml);
        var trainer = new LocalTrainer(task);
        Checkpoint end = trainer.Run();
        Assert.InRange(end.Step, 2 * task.Steps.StepsPerPass, 39 * task.Steps.StepsPerPass);
        Assert.True(trainer.Evaluate(task.Data.Train, end.Weights)!.Loss <= 0.9);
        Assert.True(trainer.Evaluate(task.Data.Train, trainer.Run(until: end.Step - task.Steps.StepsPerPass).Weights)!.Loss > 0.9);
        Assert.Equal(3, TestTasks.Task("model: { layers: [Flatten, { Dense: 3 }] }\ntrain: { batch: 16, steps: 7, stop: { steps: 3 } }").Steps.TotalSteps);
    }

    private static TrainingTask Save(string folder)
    {
        TrainingTask task = TestTasks.Task("model: { layers: [Flatten, { Dense: 6 }, { Dense: 3 }] }\n" + Train);
        var model = new Model(task.Graph);
        model.Adopt(task, new LocalTrainer(task).Run().Weights);
        model.Save(folder);
        return task;
    }
}
