using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class JobOverlaysTests
{
    [Fact]
    public void Flags_win_over_set_over_environment_over_job_over_defaults()
    {
        const string Yaml = "run: { workers: 2, servers: 2, threads: 2, checkpointEvery: 2 }";
        JobOverlays overlays = new JobOverlays()
            .AddFlag("--workers", "run.workers", "5")
            .AddSet("run.workers=4")
            .AddSet("run.servers=4")
            .AddEnvironment(new Dictionary<string, string?>
            {
                ["DISTTRAIN__RUN__WORKERS"] = "3",
                ["DISTTRAIN__RUN__SERVERS"] = "3",
                ["DISTTRAIN__RUN__THREADS"] = "3",
                ["DISTTRAIN__RUN__KEEPCHECKPOINTS"] = "",
                ["OTHER__RUN__WORKERS"] = "9",
                ["DISTTRAIN__NODE__THREADS"] = "9",
                ["DISTTRAIN__CLUSTER_DISPATCHER__THROUGHPUT"] = "9",
            });
        RunJob run = JobFile.Parse(Yaml, overlays: overlays).Run;
        Assert.Equal((5, 4, 3, 2, 3), (run.Workers, run.Servers, run.Threads!.Value, run.CheckpointEvery, run.KeepCheckpoints));
    }

    [Fact]
    public void The_later_set_wins() =>
        Assert.Equal(9, JobFile.Parse("", overlays: new JobOverlays().AddSet("train.epochs=7").AddSet("train.epochs=9")).Train.Epochs);

    [Fact]
    public void An_overlay_of_one_key_of_a_group_takes_the_others_away()
    {
        DataJob data = JobFile.Parse("data: { set: mnist }", overlays: new JobOverlays().AddFlag("--data", "data.path", "pictures")).Data;
        Assert.Equal((null, Path.GetFullPath("pictures")), (data.Set, data.Path));
    }

    [Fact]
    public void Below_a_choice_an_overlay_keeps_the_other_options_or_changes_the_choice()
    {
        const string Yaml = "train: { optimizer: { adam: { beta1: 0.5 } } }";
        Assert.Equal(
            new AdamJob { Beta1 = 0.5, LearningRate = 0.1 },
            JobFile.Parse(Yaml, overlays: new JobOverlays().AddSet("train.optimizer.adam.learningRate=0.1")).Train.Optimizer);
        Assert.Equal(
            new SgdJob { LearningRate = 0.1 },
            JobFile.Parse(Yaml, overlays: new JobOverlays().AddSet("train.optimizer.sgd.learning_rate=0.1")).Train.Optimizer);
        Assert.Equal(new NesterovJob(), JobFile.Parse(Yaml, overlays: new JobOverlays().AddSet("train.optimizer=nesterov")).Train.Optimizer);
        Assert.Equal(
            new AdamJob { Epsilon = 1 }, JobFile.Parse("train: { optimizer: adam }", overlays: new JobOverlays().AddSet("train.optimizer.adam.epsilon=1")).Train.Optimizer);
    }

    [Fact]
    public void Whole_layers_can_be_set_as_yaml()
    {
        Job job = JobFile.Parse("model: { preset: mlp }", overlays: new JobOverlays().AddSet("model.layers=[Flatten, {Dense: 3}]"));
        Assert.Equal([new FlattenJob(), new DenseJob { Units = 3 }], job.Model.Layers!);
        Assert.Null(job.Model.Preset);
    }

    [Theory]
    [InlineData("train.batch=0", "--set train.batch: train.batch: found 0; allowed: a whole number from 1 to 1048576")]
    [InlineData("train.bacth=1", "--set train.bacth: train.bacth: unknown key; did you mean \"batch\"? allowed: epochs, steps, stop, batch, slices, optimizer, loss, ")]
    [InlineData("model.layers.0=1", "--set model.layers.0: model.layers: has no keys below it that can be set one by one; allowed: model.layers=a list")]
    [InlineData("train.batch.x=1", "--set train.batch.x: train.batch: has no keys below it that can be set one by one; allowed: train.batch=a whole number from 1 to 1048576")]
    [InlineData("train.optimizer.x.y=1", "--set train.optimizer.x.y: train.optimizer: found \"x\"; allowed: one of sgd, momentum, nesterov, ")]
    [InlineData("train.batch=[1", "--set train.batch: broken YAML: ")]
    [InlineData("train=3", "--set train: train: found 3; allowed: the keys epochs, steps, stop, batch, slices, optimizer, loss, ")]
    public void A_wrong_set_is_told_with_the_option_as_its_place(string assignment, string expected)
    {
        UserError error = Assert.Throws<UserError>(() => JobFile.Parse("", overlays: new JobOverlays().AddSet(assignment)));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_without_a_key_or_equals_sign_is_refused()
    {
        Assert.Equal("--set: found \"batch\"; allowed: key=value, such as data.limit=1000", Assert.Throws<UserError>(() => new JobOverlays().AddSet("batch")).Message);
        Assert.Throws<UserError>(() => new JobOverlays().AddSet("=3"));
    }

    [Fact]
    public void A_wrong_environment_variable_is_named()
    {
        JobOverlays overlays = new JobOverlays().AddEnvironment(new Dictionary<string, string?> { ["DISTTRAIN__RUN__WORKERS"] = "x" });
        Assert.Equal(
            "environment variable DISTTRAIN__RUN__WORKERS: run.workers: found \"x\"; allowed: a whole number from 1 to 1024",
            Assert.Throws<UserError>(() => JobFile.Parse("", overlays: overlays)).Message);
    }
}
