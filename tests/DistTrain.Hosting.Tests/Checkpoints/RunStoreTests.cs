using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

public class RunStoreTests
{
    private static readonly TrainingTask Task = TestTasks.Task("model: { layers: [Flatten, { Dense: 3 }] }\ntrain: { batch: 16, optimizer: adam }");

    private readonly TaskPlan plan = new(Task);
    private readonly BlockPool pool = new(poison: true);

    [Fact]
    public void Shards_of_run_epochs_that_have_ended_are_dropped()
    {
        var store = new RunStore(Task, plan.Blocks, Task.Start(), folder: null);
        store.Collect(Shard(1, 3));
        store.Collect(Shard(1, 4));
        Assert.Equal(2, store.ShardsWaiting);
        store.Collect(Shard(2, 3));
        store.Collect(Shard(1, 5));
        Assert.Equal(1, store.ShardsWaiting);
        Assert.Null(store.Take(Manifest(1, 4)));
        Assert.Equal(3, store.Take(Manifest(2, 3))!.Position.Step);
        Assert.Equal(2 * plan.Blocks.Blocks.Count, pool.BuffersRented);
    }

    /// <summary>Buffers, not copies, are what is kept; and a version is let go only when the coordinator knows a later one.</summary>
    [Fact]
    public void In_memory_a_version_stays_until_a_later_one_is_known_and_the_best_for_good()
    {
        var store = new RunStore(Task, plan.Blocks, Task.Start(), folder: null);
        foreach (int step in new[] { 3, 4, 5 })
        {
            store.Collect(Shard(1, step));
            store.Write(store.Take(Manifest(1, step, best: 3))!);
        }

        int each = 2 * plan.Blocks.Blocks.Count;
        Assert.Equal(3 * each, pool.BuffersRented);
        Assert.Equal(3, store.At(new WeightVersion(3)).Weights[0]);
        store.Retain(new WeightVersion(5));
        Assert.Equal(2 * each, pool.BuffersRented);
        Assert.Equal(3, store.At(new WeightVersion(3)).Weights[0]);
        Assert.Throws<UserError>(() => store.At(new WeightVersion(4)));
    }

    [Fact]
    public void With_a_folder_nothing_stays_in_memory_and_blocks_are_read_back()
    {
        using var folder = new TestFolder();
        var store = new RunStore(Task, plan.Blocks, Task.Start(), new CheckpointFolder(folder.Path, Task.Layout));
        store.Collect(Shard(1, 3));
        Assert.Equal(folder["step-00000003"], store.Write(store.Take(Manifest(1, 3))!));
        Assert.Equal(0, pool.BuffersRented);
        Block last = plan.Blocks.Blocks[^1];
        (BlockBuffer weights, BlockBuffer slots) = store.Load(new WeightVersion(3), last, pool);
        Assert.All(weights.Span.ToArray(), weight => Assert.Equal(3, weight));
        Assert.Equal([.. Enumerable.Repeat(1f, last.Length), .. Enumerable.Repeat(2f, last.Length)], slots.Span.ToArray());
    }

    private static CommitManifest Manifest(int epoch, int step, long best = -1) =>
        new(new RunEpoch(epoch), new WeightVersion(step), [], PassTotals.Empty(0), SteeringState.Initial with { BestVersion = best });

    /// <summary>Weights are the step, the first slot ones, the second twos.</summary>
    private StoreShard Shard(int epoch, int step) => new(
        new RunEpoch(epoch), new WeightVersion(step), [.. plan.Blocks.Blocks.Select(block => new StoredBlock(block.Id, Filled(step, block.Length), Filled(1, block.Length, 2)))]);

    private BlockBuffer Filled(float first, int length, float? second = null)
    {
        BlockBuffer buffer = pool.Rent(second is null ? length : 2 * length);
        buffer.Span[..length].Fill(first);
        if (second is { } value)
        {
            buffer.Span[length..].Fill(value);
        }

        return buffer;
    }
}
