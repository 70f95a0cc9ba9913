using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>Clipping, schedules, early stopping and best weights in the single-threaded trainer: the oracle of every other.</summary>
public class SteeredTrainingTests
{
    private const string Steered = "train: { epochs: 30, batch: 16, optimizer: { adam: 0.05 }, clipNorm: 0.5, schedule: cosineDecay, warmupSteps: 6, "
        + "reduceLROnPlateau: { patience: 1, factor: 0.5, minDelta: 0.05 }, earlyStopping: { patience: 4, restoreBest: true } }\n";

    [Fact]
    public void The_run_stops_early_with_the_weights_of_its_best_epoch()
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching + Steered, validation: 30);
        var trainer = new LocalTrainer(task);
        var events = new List<TrainingEvent>();
        Checkpoint result = trainer.Run(onEvent: events.Add);

        EpochCompleted[] epochs = [.. events.Cast<EpochCompleted>()];
        EpochCompleted best = epochs.MinBy(epoch => epoch.Validation!.Loss)!;
        Assert.InRange(epochs.Length, 6, 29);
        Assert.Equal(epochs[^5], best);
        Assert.Equal(best.Step, result.Step);
        Assert.Equal(best.Validation!.Loss, trainer.Evaluate(task.Data.Validation, result.Weights)!.Loss);
        Assert.True(epochs[^1].LearningRate < 0.05f);
    }

    [Fact]
    public void Going_on_from_any_checkpoint_gives_the_same_bits()
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching + Steered, validation: 30);
        var trainer = new LocalTrainer(task);
        Checkpoint whole = trainer.Run();
        for (long until = 1; until <= whole.Step; until++)
        {
            Checkpoint part = trainer.Run(until: until);
            Assert.Equal(until, part.Step);
            Assert.Equal(whole.Weights, trainer.Run(from: part, best: trainer.Run(until: Math.Max(0, part.Steering.BestVersion))).Weights);
        }
    }

    [Fact]
    public void Clipping_changes_the_weights_only_when_a_norm_is_above_the_limit()
    {
        float[] Weights(string keys) => new LocalTrainer(TestTasks.Task(TestTasks.Branching + $"train: {{ epochs: 1, batch: 16{keys} }}")).Run().Weights;

        Assert.Equal(Weights(""), Weights(", clipNorm: 1000000"));
        Assert.NotEqual(Weights(""), Weights(", clipNorm: 0.1"));
    }

    [Theory]
    [InlineData("train: { earlyStopping: {} }", 0, "train.earlyStopping: watches the validation part, and there is none")]
    [InlineData("train: { reduceLROnPlateau: { patience: 2 } }", 0, "train.reduceLROnPlateau: watches the validation part")]
    [InlineData("train: { clipNorm: 1, clipValue: 1 }", 9, "train.clipValue: given beside clipNorm")]
    [InlineData("train: { schedule: stepDecay }", 9, "train.schedule.stepDecay.decaySteps: missing")]
    public void Mistakes_are_told_in_one_line(string yaml, int validation, string expected)
    {
        UserError error = Assert.Throws<UserError>(() => TestTasks.Task(TestTasks.Branching + yaml, validation: validation));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_that_do_not_steer_keep_their_hash_and_steered_ones_survive_their_own_text()
    {
        Assert.DoesNotContain("schedule", JobFile.Parse("").ToYaml(), StringComparison.Ordinal);
        Job job = JobFile.Parse(Steered);
        Job again = JobFile.Parse(job.ToYaml());
        Assert.Equal(job.Sha256(), again.Sha256());
        Assert.Equal(job.Train, again.Train);
    }

    [Fact]
    public void A_checkpoint_keeps_the_state_and_retention_spares_the_best_version()
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching + Steered, validation: 30);
        using var folder = new TestFolder();
        var checkpoints = new CheckpointFolder(folder.Path, task.Layout);
        SteeringState state = new() { RateFactor = 0.1, PlateauBest = 0.1 + 0.2, PlateauWait = 1, PlateauCooldown = 2, Best = 1e-300, BestVersion = 4, Wait = 3 };
        foreach (long step in new long[] { 4, 8, 12, 16 })
        {
            checkpoints.Write(task.Start() with { Step = step, Steering = step > 4 ? state : SteeringState.Initial }, keep: 2);
        }

        Assert.Equal([16L, 12, 4], checkpoints.Steps());
        Assert.Equal(state, checkpoints.Read(16).Steering);
    }

    [Fact]
    public void A_manifest_of_format_1_reads_as_one_that_never_steered()
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching, validation: 0);
        using var folder = new TestFolder();
        var checkpoints = new CheckpointFolder(folder.Path, task.Layout);
        string manifest = Path.Combine(checkpoints.Write(task.Start() with { Step = 3 }, keep: 1), "manifest.json");
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(manifest))!.AsObject();
        Assert.True(json.Remove("steering"));
        json["format"] = 1;
        File.WriteAllText(manifest, json.ToJsonString());

        Assert.Equal(SteeringState.Initial, checkpoints.Read(3).Steering);
    }
}
