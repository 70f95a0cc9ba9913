using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// The checkpoints of a run whose servers share a process: collects the servers' blocks and writes them as one checkpoint. A shard
/// counts as stored when it is collected; what makes a checkpoint last is the manifest, which is written after everything else.
/// </summary>
internal sealed class RunStore
{
    private readonly TrainingTask task;
    private readonly BlockPlan plan;
    private readonly Checkpoint start;
    private readonly CheckpointFolder? folder;
    private readonly Lock gate = new();
    private readonly Dictionary<(RunEpoch Epoch, WeightVersion Version), List<StoreShard>> collected = [];
    private Checkpoint newest;

    // A coordinator that learns of a checkpoint late may begin a run epoch at the one before.
    private Checkpoint? previous;

    // Of the best version so far, when nothing is kept on disk.
    private Checkpoint? best;

    public RunStore(TrainingTask task, BlockPlan plan, Checkpoint start, CheckpointFolder? folder)
    {
        this.task = task;
        this.plan = plan;
        this.start = newest = start;
        this.folder = folder;
    }

    /// <summary>The newest checkpoint that is complete; where the run started when there is none.</summary>
    public Checkpoint Newest
    {
        get
        {
            lock (gate)
            {
                return newest;
            }
        }
    }

    /// <summary>Takes over a shard with its references.</summary>
    public string Collect(StoreShard shard)
    {
        lock (gate)
        {
            if (!collected.TryGetValue((shard.Epoch, shard.Version), out List<StoreShard>? shards))
            {
                collected.Add((shard.Epoch, shard.Version), shards = []);
            }

            shards.Add(shard);
            return $"{shard.Blocks.Count} blocks";
        }
    }

    /// <summary>Makes a checkpoint of the collected shards; long, to be called off the machines' way.</summary>
    /// <returns>The checkpoint's folder, or null when none is kept on disk.</returns>
    /// <exception cref="IOException">It could not be written; the shards are dropped.</exception>
    public string? Commit(CommitManifest manifest)
    {
        List<StoreShard> shards;
        lock (gate)
        {
            if (!collected.Remove((manifest.Epoch, manifest.Version), out shards!))
            {
                throw new InvalidOperationException($"No shard of {manifest.Version} was collected.");
            }
        }

        Checkpoint checkpoint = Assemble(manifest, shards);
        Checkpoint before = Newest;
        string? path = folder?.Write(checkpoint, task.Job.Run.KeepCheckpoints);
        lock (gate)
        {
            best = folder is not null || best?.Step == checkpoint.Steering.BestVersion ? best
                : before.Step == checkpoint.Steering.BestVersion ? before
                : null;
            previous = newest;
            newest = checkpoint;
        }

        return path;
    }

    /// <summary>The checkpoint of a version: where the run stands, or its best.</summary>
    /// <exception cref="UserError">The best version's was damaged or removed.</exception>
    public Checkpoint At(WeightVersion version)
    {
        lock (gate)
        {
            return newest.Step == version.Value ? newest
                : best?.Step == version.Value ? best
                : folder?.Read(version.Value) ?? throw new InvalidOperationException($"There is no checkpoint of {version}.");
        }
    }

    /// <summary>The floats a server starts from, and the totals of the pass the coordinator starts in.</summary>
    /// <exception cref="InvalidOperationException">There is no checkpoint of this version.</exception>
    public (BlockBuffer Weights, BlockBuffer Slots) Load(WeightVersion version, Block block, BlockPool pool)
    {
        Checkpoint from;
        lock (gate)
        {
            from = version.Value == start.Step ? start : version.Value == previous?.Step ? previous : newest;
        }

        if (from.Step != version.Value)
        {
            throw new InvalidOperationException($"There is no checkpoint of {version}; the newest is of step {from.Step}.");
        }

        int offset = (int)block.Offset;
        BlockBuffer slots = pool.Rent(task.Rule.SlotCount * block.Length);
        for (int slot = 0; slot < task.Rule.SlotCount; slot++)
        {
            from.Slots.AsSpan((slot * task.Layout.Length) + offset, block.Length).CopyTo(slots.Span[(slot * block.Length)..]);
        }

        return (pool.RentCopy(from.Weights.AsSpan(offset, block.Length)), slots);
    }

    private Checkpoint Assemble(CommitManifest manifest, List<StoreShard> shards)
    {
        int length = task.Layout.Length;
        float[] weights = new float[length];
        float[] slots = new float[task.Rule.SlotCount * length];
        int blocks = 0;
        foreach (StoreShard shard in shards)
        {
            foreach (StoredBlock stored in shard.Blocks)
            {
                Block block = plan[stored.Block];
                stored.Weights.Span.CopyTo(weights.AsSpan((int)block.Offset));
                for (int slot = 0; slot < task.Rule.SlotCount; slot++)
                {
                    stored.Slots.Span.Slice(slot * block.Length, block.Length).CopyTo(slots.AsSpan((slot * length) + (int)block.Offset));
                }

                blocks++;
            }

            shard.Release();
        }

        if (blocks != plan.Blocks.Count)
        {
            throw new InvalidOperationException($"{manifest.Version} has {blocks} of {plan.Blocks.Count} blocks.");
        }

        return new Checkpoint
        {
            Step = manifest.Version.Value,
            JobSha256 = start.JobSha256,
            DataSha256 = start.DataSha256,
            Weights = weights,
            Slots = slots,
            Optimizer = new RuleUpdate(task.Rule, task.Rates, start.Optimizer).StateAt(manifest.Version.Value),
            PassTotals = TaskPlan.ToTotals(manifest.Totals),
            Steering = manifest.Steering,
        };
    }
}
