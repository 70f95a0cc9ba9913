using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class CheckpointFolderTests
{
    private static readonly TrainingTask Task = TestTasks.Task("model: { layers: [Flatten, { Dense: 3 }] }\ntrain: { batch: 16, optimizer: adam }");

    [Fact]
    public void A_checkpoint_is_read_back_bit_for_bit()
    {
        using var folder = new TestFolder();
        Checkpoint written = At(5);
        var checkpoints = new CheckpointFolder(folder["checkpoints"], Task.Layout);
        Assert.Null(checkpoints.ReadNewest(out _));
        Assert.Equal(folder["checkpoints", "step-00000005"], checkpoints.Write(written, keep: 2));
        Checkpoint read = checkpoints.ReadNewest(out IReadOnlyList<string> damaged)!;
        Assert.Empty(damaged);
        Assert.Equal(written.Weights, read.Weights);
        Assert.Equal(written.Slots, read.Slots);
        Assert.Equal((written.Step, written.Optimizer, written.PassTotals, written.JobSha256), (read.Step, read.Optimizer, read.PassTotals, read.JobSha256));
        Assert.NotEqual(1, read.Optimizer.Beta1Power);
    }

    [Fact]
    public void Only_the_newest_stay()
    {
        using var folder = new TestFolder();
        var checkpoints = new CheckpointFolder(folder.Path, Task.Layout);
        Directory.CreateDirectory(folder["step-00000001"]);
        foreach (long step in (long[])[3, 9, 4, 10])
        {
            checkpoints.Write(At(2) with { Step = step }, keep: 2);
        }

        Assert.Equal([10, 9], checkpoints.Steps());
        Assert.Equal(2, Directory.GetDirectories(folder.Path).Length);
    }

    [Fact]
    public void A_step_that_is_written_again_replaces_the_older_one()
    {
        using var folder = new TestFolder();
        var checkpoints = new CheckpointFolder(folder.Path, Task.Layout);
        checkpoints.Write(At(2), keep: 2);
        checkpoints.Write(At(3) with { Step = 2 }, keep: 2);
        Assert.Equal(At(3).Weights, checkpoints.Read(2).Weights);
    }

    [Fact]
    public void A_folder_without_a_manifest_counts_as_absent()
    {
        using var folder = new TestFolder();
        var checkpoints = new CheckpointFolder(folder.Path, Task.Layout);
        checkpoints.Write(At(1), keep: 5);
        File.Delete(Path.Combine(checkpoints.Write(At(2), keep: 5), "manifest.json"));
        Assert.Equal(1, checkpoints.ReadNewest(out IReadOnlyList<string> damaged)!.Step);
        Assert.Empty(damaged);
    }

    [Fact]
    public void Damage_anywhere_is_named_and_the_one_before_is_taken()
    {
        using var folder = new TestFolder();
        var checkpoints = new CheckpointFolder(folder.Path, Task.Layout);
        checkpoints.Write(At(1), keep: 5);
        string newest = checkpoints.Write(At(2), keep: 5);
        var random = new Random(3);
        foreach (string path in Directory.GetFiles(newest))
        {
            byte[] good = File.ReadAllBytes(path);
            for (int i = 0; i < 60; i++)
            {
                byte[] bad = [.. good];
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, i % 4 == 0 ? bad[..random.Next(bad.Length)] : bad);
                Checkpoint? read = checkpoints.ReadNewest(out IReadOnlyList<string> damaged);

                // A flipped bit in the manifest may leave it a manifest: of the same files, whose hashes still hold.
                Assert.True(read!.Step == 1 ? damaged.Count == 1 && damaged[0].Contains("step-00000002", StringComparison.Ordinal) : read.Weights.AsSpan().SequenceEqual(At(2).Weights));
                Assert.True(read.Step == 1 || path.EndsWith("manifest.json", StringComparison.Ordinal), $"damage to {path} was not noticed");
            }

            File.WriteAllBytes(path, good);
        }

        File.Delete(Path.Combine(newest, "slots.safetensors"));
        Assert.Equal(1, checkpoints.ReadNewest(out _)!.Step);
    }

    [Fact]
    public void Weights_of_another_model_are_refused_with_both_shapes()
    {
        using var folder = new TestFolder();
        new CheckpointFolder(folder.Path, Task.Layout).Write(At(1), keep: 1);
        TrainingTask other = TestTasks.Task("model: { layers: [Flatten, { Dense: 4 }] }");
        UserError error = Assert.Throws<UserError>(() => new CheckpointFolder(folder.Path, other.Layout).Read(1));
        Assert.EndsWith("weights.safetensors: 'dense/kernel' is (144, 3); the model needs (144, 4)", error.Message, StringComparison.Ordinal);
    }

    private static Checkpoint At(long steps) => new LocalTrainer(Task).Run(until: steps);
}
