using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>All blocks of a version, by reference, and where the run stood there.</summary>
internal sealed class StoredVersion
{
    private readonly BlockPlan plan;
    private readonly StoredBlock[] blocks;

    /// <summary>Takes over the references of the shards.</summary>
    /// <exception cref="InvalidOperationException">A block is missing.</exception>
    public StoredVersion(RunPosition position, BlockPlan plan, IReadOnlyCollection<StoreShard> shards)
    {
        Position = position;
        this.plan = plan;
        blocks = [.. shards.SelectMany(shard => shard.Blocks).OrderBy(block => block.Block.Value)];
        if (!blocks.Select(block => block.Block).SequenceEqual(plan.Blocks.Select(block => block.Id)))
        {
            throw new InvalidOperationException($"Version {position.Step} has {blocks.Length} blocks, not all {plan.Blocks.Count} once.");
        }
    }

    public RunPosition Position { get; }

    public StoredBlock this[BlockId block] => blocks[block.Value];

    /// <summary>Blocks follow each other as in the flat vector.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> Weights => [.. blocks.Select(block => (ReadOnlyMemory<float>)block.Weights.Memory)];

    /// <summary>Slot-major; a block has its part of each slot one after the other.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> Slots(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(slot => blocks.Select(block => SlotOf(block, slot)))];

    public void Release()
    {
        foreach (StoredBlock block in blocks)
        {
            block.Weights.Release();
            block.Slots.Release();
        }
    }

    /// <summary>A copy that outlives the references.</summary>
    public Checkpoint Copy(int slotCount) => new()
    {
        Step = Position.Step,
        JobSha256 = Position.JobSha256,
        DataSha256 = Position.DataSha256,
        Optimizer = Position.Optimizer,
        Steering = Position.Steering,
        PassTotals = Position.PassTotals,
        Weights = Joined(Weights),
        Slots = Joined(Slots(slotCount)),
    };

    private ReadOnlyMemory<float> SlotOf(StoredBlock block, int slot)
    {
        int length = plan[block.Block].Length;
        return block.Slots.Memory.Slice(slot * length, length);
    }

    private static float[] Joined(IReadOnlyList<ReadOnlyMemory<float>> runs)
    {
        float[] joined = new float[runs.Sum(run => run.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<float> run in runs)
        {
            run.Span.CopyTo(joined.AsSpan(at));
            at += run.Length;
        }

        return joined;
    }
}
