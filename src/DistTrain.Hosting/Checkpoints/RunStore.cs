using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// The checkpoints of a run whose servers share a process: collects the servers' blocks, by reference, and writes them as one
/// checkpoint. A shard counts as stored when it is collected; what makes a checkpoint last is the manifest, which is written after
/// everything else. With a folder nothing is kept in memory once it is written; without one, references are what is kept.
/// </summary>
/// <remarks>
/// Memory: the shards of the run epoch that runs, which the protocol bounds (<see cref="ProtocolLimits.CheckpointsOpenMax"/>). A
/// version is deleted only when the coordinator is known to know a later one: it may begin a run epoch at the newest that it knows.
/// </remarks>
internal sealed class RunStore
{
    private readonly TrainingTask task;
    private readonly BlockPlan plan;
    private readonly Checkpoint start;
    private readonly CheckpointFolder? folder;
    private readonly RuleUpdate products;
    private readonly string jobSha256;
    private readonly Lock gate = new();
    private readonly Lock reading = new();
    private readonly Dictionary<WeightVersion, List<StoreShard>> collected = [];

    // What stands in place of a folder, by step.
    private readonly SortedDictionary<long, StoredVersion> kept = [];

    // All that this run has completed and may still be there, oldest first; at most as many as a coordinator remembers.
    private readonly List<RunPosition> complete = [];

    // Written, and not known to be known by the coordinator.
    private readonly Dictionary<WeightVersion, RunPosition> written = [];
    private RunEpoch epoch;
    private RunPosition newest;

    // Read for the servers of a run epoch; null once the next version is written.
    private Checkpoint? read;

    public RunStore(TrainingTask task, BlockPlan plan, Checkpoint start, CheckpointFolder? folder)
    {
        this.task = task;
        this.plan = plan;
        this.start = start;
        this.folder = folder;
        newest = start;
        products = new RuleUpdate(task.Rules, task.Rates, start.Optimizer);
        jobSha256 = task.Job.Sha256();
    }

    /// <summary>Where the newest checkpoint that is complete stands; where the run started when there is none.</summary>
    public RunPosition Newest
    {
        get
        {
            lock (gate)
            {
                return newest;
            }
        }
    }

    /// <summary>Checkpoints that a successor may begin with, newest first: those of this run that are still there, then where it started.</summary>
    public IReadOnlyList<RunPosition> Complete
    {
        get
        {
            HashSet<long>? steps = folder is null ? null : [.. folder.Steps()];
            lock (gate)
            {
                return [.. complete.Where(position => steps?.Contains(position.Step) ?? kept.ContainsKey(position.Step)).Reverse(), start];
            }
        }
    }

    /// <summary>Shards that no manifest has asked for yet.</summary>
    public int ShardsWaiting
    {
        get
        {
            lock (gate)
            {
                return collected.Values.Sum(shards => shards.Count);
            }
        }
    }

    /// <summary>Takes over a shard with its references. The first one of a run epoch ends the ones before: theirs are dropped.</summary>
    public string Collect(StoreShard shard)
    {
        lock (gate)
        {
            if (shard.Epoch < epoch)
            {
                shard.Release();
                return "of a run epoch that has ended";
            }

            if (shard.Epoch > epoch)
            {
                foreach (StoreShard ended in collected.Values.SelectMany(shards => shards))
                {
                    ended.Release();
                }

                collected.Clear();
                epoch = shard.Epoch;
            }

            if (!collected.TryGetValue(shard.Version, out List<StoreShard>? shards))
            {
                collected.Add(shard.Version, shards = []);
            }

            shards.Add(shard);
            return $"{shard.Blocks.Count} blocks";
        }
    }

    /// <summary>
    /// The version that a manifest asks for, taken out of what was collected; the caller writes it. Null when its run epoch has ended and
    /// its shards were dropped.
    /// </summary>
    public StoredVersion? Take(CommitManifest manifest)
    {
        lock (gate)
        {
            if (manifest.Epoch != epoch || !collected.Remove(manifest.Version, out List<StoreShard>? shards))
            {
                return null;
            }

            var position = new RunPosition
            {
                Step = manifest.Version.Value,
                JobSha256 = jobSha256,
                DataSha256 = start.DataSha256,
                Optimizer = products.StateAt(manifest.Version.Value),
                PassTotals = TaskPlan.ToTotals(manifest.Totals),
                Steering = manifest.Steering,
            };
            return new StoredVersion(position, plan, shards);
        }
    }

    /// <summary>Makes a checkpoint of a version and takes over its references; long, to be called off the machines' way, one at a time.</summary>
    /// <returns>The checkpoint's folder, or null when none is kept on disk.</returns>
    /// <exception cref="IOException">It could not be written; the version is dropped.</exception>
    public string? Write(StoredVersion version)
    {
        if (folder is null)
        {
            lock (gate)
            {
                if (kept.Remove(version.Position.Step, out StoredVersion? replaced))
                {
                    replaced.Release();
                }

                kept.Add(version.Position.Step, version);
                Wrote(version.Position);
                return null;
            }
        }

        try
        {
            string path = folder.Write(version.Position, version.Weights, version.Slots(task.Rule.SlotCount));
            lock (gate)
            {
                Wrote(version.Position);
                read = null;
            }

            return path;
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>Where a version's checkpoint is; null: nothing is kept on disk.</summary>
    public string? PathOf(WeightVersion version) => folder?.PathOf(version.Value);

    /// <summary>The coordinator knows of this version's checkpoint: older ones are deleted, but for those the job keeps and the best.</summary>
    public void Retain(WeightVersion known)
    {
        RunPosition? position;
        lock (gate)
        {
            if (!written.Remove(known, out position))
            {
                return;
            }

            foreach (long step in kept.Keys.Where(step => step < known.Value && step != position.Steering.BestVersion).ToList())
            {
                kept.Remove(step, out StoredVersion? version);
                version!.Release();
            }
        }

        folder?.Retain(task.Job.Run.KeepCheckpoints, position);
    }

    /// <summary>The checkpoint of a version: where the run stands, or its best.</summary>
    /// <exception cref="UserError">It was damaged or removed.</exception>
    public Checkpoint At(WeightVersion version)
    {
        lock (gate)
        {
            if (version.Value == start.Step)
            {
                return start;
            }

            if (kept.TryGetValue(version.Value, out StoredVersion? stored))
            {
                return stored.Copy(task.Rule.SlotCount);
            }
        }

        return folder?.Read(version.Value) ?? throw new UserError($"there is no checkpoint of step {version.Value}");
    }

    /// <summary>The floats of a block at a version, with a reference to each for the caller.</summary>
    /// <exception cref="UserError">The checkpoint was damaged or removed.</exception>
    public (BlockBuffer Weights, BlockBuffer Slots) Load(WeightVersion version, Block block, BlockPool pool)
    {
        lock (gate)
        {
            if (version.Value != start.Step && kept.TryGetValue(version.Value, out StoredVersion? stored))
            {
                StoredBlock found = stored[block.Id];
                return (found.Weights.Retain(), found.Slots.Retain());
            }
        }

        Checkpoint from = Read(version);
        int offset = (int)block.Offset;
        BlockBuffer slots = pool.Rent(task.Rule.SlotCount * block.Length);
        for (int slot = 0; slot < task.Rule.SlotCount; slot++)
        {
            from.Slots.AsSpan((slot * task.Layout.Length) + offset, block.Length).CopyTo(slots.Span[(slot * block.Length)..]);
        }

        return (pool.RentCopy(from.Weights.AsSpan(offset, block.Length)), slots);
    }

    private void Wrote(RunPosition position)
    {
        newest = position;
        complete.RemoveAll(other => other.Step == position.Step);
        complete.Add(position);
        if (complete.Count > ProtocolLimits.CheckpointsKnownMax)
        {
            complete.RemoveAt(0);
        }

        written[new WeightVersion(position.Step)] = position;
    }

    /// <summary>Once for all servers that begin a run epoch.</summary>
    private Checkpoint Read(WeightVersion version)
    {
        lock (reading)
        {
            return read?.Step == version.Value ? read : read = At(version);
        }
    }
}
