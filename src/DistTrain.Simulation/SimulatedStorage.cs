using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// The run store. A shard is a file of its own; what was synced survives everything, what was not may be torn, lost or corrupted
/// when its writer dies. A version can be loaded once its manifest is stored.
/// </summary>
public sealed class SimulatedStorage
{
    private readonly Dictionary<string, ShardFile> files = [];
    private readonly SortedDictionary<WeightVersion, CommitManifest> manifests = [];

    /// <summary>Valid checkpoints, ascending.</summary>
    public IReadOnlyCollection<WeightVersion> Versions => manifests.Keys;

    /// <summary>Where a run that resumes from a valid checkpoint begins.</summary>
    public RunStart StartAt(WeightVersion version) => new(version, manifests[version].Totals, manifests[version].Steering);

    /// <summary>The flat vector of a valid checkpoint.</summary>
    public float[] WeightsAt(WeightVersion version, BlockPlan plan) =>
        [.. plan.Blocks.SelectMany(block => Read(version, block.Id).Weights)];

    /// <summary>The name of a shard's file.</summary>
    internal static string ReceiptOf(MachineId server, StoreShard store) => $"{store.Version} of {store.Epoch} by {server}";

    /// <summary>Begins a file; nothing of it is safe before <see cref="Sync"/>.</summary>
    internal void Begin(string receipt, MachineId writer) => files[receipt] = new ShardFile(writer);

    /// <summary>The whole file is stored for good.</summary>
    internal void Sync(string receipt, IEnumerable<StoredBlock> blocks)
    {
        ShardFile file = files[receipt];
        foreach (StoredBlock block in blocks)
        {
            file.Blocks[block.Block] = (block.Weights.Span.ToArray(), block.Slots.Span.ToArray());
        }

        file.IsSynced = true;
    }

    /// <summary>A machine died: what becomes of the files it had not synced.</summary>
    internal void Crash(MachineId writer, SimulationRandom random, FaultInjector faults)
    {
        foreach (ShardFile file in files.Values.Where(file => file.Writer == writer && !file.IsSynced && !file.IsBroken))
        {
            file.IsBroken = true;
            faults.Count(random.Below(3) switch
            {
                0 => FaultKind.ShardTorn,
                1 => FaultKind.ShardLost,
                _ => FaultKind.ShardCorrupted,
            });
        }
    }

    /// <summary>Makes a checkpoint valid.</summary>
    /// <exception cref="InvalidOperationException">A shard it names is not stored for good, or a block is in none.</exception>
    internal void Commit(CommitManifest manifest, BlockPlan plan)
    {
        foreach (ShardReceipt shard in manifest.Shards)
        {
            if (!files.TryGetValue(shard.Receipt, out ShardFile? file) || !file.IsSynced)
            {
                throw new InvalidOperationException($"Invariant broken: the manifest of {manifest.Version} names the shard \"{shard.Receipt}\", which is not stored for good.");
            }
        }

        foreach (Block block in plan.Blocks)
        {
            if (!manifest.Shards.Any(shard => files[shard.Receipt].Blocks.ContainsKey(block.Id)))
            {
                throw new InvalidOperationException($"Invariant broken: the manifest of {manifest.Version} names no shard with {block.Id}.");
            }
        }

        manifests[manifest.Version] = manifest;
    }

    internal (float[] Weights, float[] Slots) Read(WeightVersion version, BlockId block)
    {
        if (!manifests.TryGetValue(version, out CommitManifest? manifest))
        {
            throw new InvalidOperationException($"There is no checkpoint of {version}.");
        }

        return files[manifest.Shards.First(shard => files[shard.Receipt].Blocks.ContainsKey(block)).Receipt].Blocks[block];
    }

    private sealed class ShardFile(MachineId writer)
    {
        public MachineId Writer { get; } = writer;

        public Dictionary<BlockId, (float[] Weights, float[] Slots)> Blocks { get; } = [];

        public bool IsSynced { get; set; }

        /// <summary>Its writer died before it was synced: nothing can be read from it, whatever is left.</summary>
        public bool IsBroken { get; set; }
    }
}
