using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// The run store. A shard is a file of its own; what was synced survives every crash, what was not may be torn, lost or corrupted
/// when its writer dies. A version can be loaded once its manifest is stored. A file may rot later on: whoever reads it compares
/// SHA-256 with what was written.
/// </summary>
public sealed class SimulatedStorage
{
    private readonly Dictionary<string, ShardFile> files = [];
    private readonly SortedDictionary<WeightVersion, CommitManifest> manifests = [];

    /// <summary>Valid checkpoints, ascending.</summary>
    public IReadOnlyCollection<WeightVersion> Versions => manifests.Keys;

    /// <summary>Where a run that resumes from a valid checkpoint begins; the ones before it follow, down to the beginning.</summary>
    public RunStart StartAt(WeightVersion version)
    {
        RunStart start = RunStart.New;
        foreach ((WeightVersion earlier, CommitManifest manifest) in manifests.Where(pair => pair.Key <= version))
        {
            start = new RunStart(earlier, manifest.Totals, manifest.Steering) { Earlier = start };
        }

        return start;
    }

    /// <summary>The flat vector of a valid checkpoint.</summary>
    public float[] WeightsAt(WeightVersion version, BlockPlan plan) =>
        [.. plan.Blocks.SelectMany(block => (Read(version, block.Id) ?? throw new InvalidOperationException(DamageOf(version, block.Id))).Weights)];

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
            float[] weights = block.Weights.Span.ToArray(), slots = block.Slots.Span.ToArray();
            file.Blocks[block.Block] = new StoredFloats(weights, slots, Sha256(weights, slots));
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

    /// <summary>A bit of a file that was stored for good turns over.</summary>
    internal void Rot(WeightVersion version, MachineId? writer, SimulationRandom random)
    {
        List<ShardReceipt> candidates = [.. manifests[version].Shards.Where(shard => writer is null || shard.Server == writer)];
        ShardReceipt shard = candidates[random.Below(candidates.Count)];
        StoredFloats block = files[shard.Receipt].Blocks.Values.ElementAt(random.Below(files[shard.Receipt].Blocks.Count));
        float[] floats = block.Slots.Length > 0 && random.Chance(500) ? block.Slots : block.Weights;
        MemoryMarshal.Cast<float, int>(floats.AsSpan())[random.Below(floats.Length)] ^= 1 << random.Below(32);
    }

    /// <summary>Whether every block of a valid checkpoint is as it was written.</summary>
    internal bool IsSound(WeightVersion version) =>
        manifests[version].Shards.SelectMany(shard => files[shard.Receipt].Blocks.Values).All(block => block.IsSound);

    /// <summary>A block of a valid checkpoint; null when it is not what was written.</summary>
    internal StoredFloats? Read(WeightVersion version, BlockId block)
    {
        StoredFloats stored = files[FileOf(version, block)].Blocks[block];
        return stored.IsSound ? stored : null;
    }

    /// <summary>What people are told of a block that is not what was written.</summary>
    internal string DamageOf(WeightVersion version, BlockId block) => $"shard \"{FileOf(version, block)}\", {block}: its SHA-256 is not the one that was stored";

    private string FileOf(WeightVersion version, BlockId block) => manifests.TryGetValue(version, out CommitManifest? manifest)
        ? manifest.Shards.First(shard => files[shard.Receipt].Blocks.ContainsKey(block)).Receipt
        : throw new InvalidOperationException($"There is no checkpoint of {version}.");

    private static string Sha256(float[] weights, float[] slots)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<float>(weights));
        hash.AppendData(MemoryMarshal.AsBytes<float>(slots));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A block in a file, with the hash of what was written.</summary>
    internal sealed record StoredFloats(float[] Weights, float[] Slots, string Written)
    {
        public bool IsSound => Sha256(Weights, Slots) == Written;
    }

    private sealed class ShardFile(MachineId writer)
    {
        public MachineId Writer { get; } = writer;

        public SortedDictionary<BlockId, StoredFloats> Blocks { get; } = new(Comparer<BlockId>.Create((a, b) => a.Value.CompareTo(b.Value)));

        public bool IsSynced { get; set; }

        /// <summary>Its writer died before it was synced: nothing can be read from it, whatever is left.</summary>
        public bool IsBroken { get; set; }
    }
}
