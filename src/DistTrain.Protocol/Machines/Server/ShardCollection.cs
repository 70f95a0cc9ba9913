namespace DistTrain.Protocol;

/// <summary>The checkpoints a server takes part in: blocks are noted as they reach the version, and handed out when all have.</summary>
internal sealed class ShardCollection
{
    private readonly SortedDictionary<WeightVersion, Shard> shards = [];

    /// <summary>What became of shards that were handed out.</summary>
    public IEnumerable<ShardOutcome> Outcomes => shards.Values.Where(shard => shard.Outcome is not null).Select(shard => shard.Outcome!);

    /// <summary>Takes the versions that are listed now; what is no longer listed is settled and forgotten.</summary>
    public void Follow(IReadOnlyList<WeightVersion> versions)
    {
        foreach (WeightVersion settled in shards.Keys.Except(versions).ToList())
        {
            shards[settled].Release();
            shards.Remove(settled);
        }

        foreach (WeightVersion version in versions)
        {
            shards.TryAdd(version, new Shard());
        }
    }

    /// <summary>Notes a block that stands at a version now, if that version is wanted; asks to store it when it was the last.</summary>
    /// <param name="block">The block.</param>
    /// <param name="blocks">How many blocks the server owns.</param>
    /// <param name="epoch">Run epoch.</param>
    /// <param name="outbox">Gets the <see cref="StoreShard"/>.</param>
    public void Note(ServerBlock block, int blocks, RunEpoch epoch, Outbox outbox)
    {
        if (!shards.TryGetValue(block.Version, out Shard? shard) || shard.HandedOut || shard.Blocks.Exists(stored => stored.Block == block.Block.Id))
        {
            return;
        }

        shard.Blocks.Add(new StoredBlock(block.Block.Id, block.Weights.Retain(), block.Slots.Retain()));
        if (shard.Blocks.Count == blocks)
        {
            outbox.Add(new StoreShard(epoch, block.Version, [.. shard.Blocks.OrderBy(stored => stored.Block.Value)]));
            shard.Release();
            shard.HandedOut = true;
        }
    }

    /// <summary>The host's answer; false when nothing of that version is waiting for one.</summary>
    public bool Settle(ShardOutcome outcome)
    {
        if (!shards.TryGetValue(outcome.Version, out Shard? shard) || !shard.HandedOut || shard.Outcome is not null)
        {
            return false;
        }

        shard.Outcome = outcome;
        return true;
    }

    public void Clear() => Follow([]);

    private sealed class Shard
    {
        public List<StoredBlock> Blocks { get; } = [];

        public bool HandedOut { get; set; }

        public ShardOutcome? Outcome { get; set; }

        public void Release()
        {
            foreach (StoredBlock stored in Blocks)
            {
                stored.Weights.Release();
                stored.Slots.Release();
            }

            Blocks.Clear();
        }
    }
}
