using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>The run store: shards become visible to a load only with their manifest.</summary>
public sealed class SimulatedStorage
{
    private readonly Dictionary<(WeightVersion Version, BlockId Block), (float[] Weights, float[] Slots)> shards = [];
    private readonly SortedDictionary<WeightVersion, CommitManifest> manifests = [];

    /// <summary>Valid checkpoints, ascending.</summary>
    public IReadOnlyCollection<WeightVersion> Versions => manifests.Keys;

    /// <summary>Where a run that resumes from a valid checkpoint begins.</summary>
    public RunStart StartAt(WeightVersion version) => new(version, manifests[version].Totals);

    /// <summary>The flat vector of a valid checkpoint.</summary>
    public float[] WeightsAt(WeightVersion version, BlockPlan plan) =>
        [.. plan.Blocks.SelectMany(block => Read(version, block.Id).Weights)];

    internal void Write(WeightVersion version, StoredBlock block) =>
        shards[(version, block.Block)] = (block.Weights.Span.ToArray(), block.Slots.Span.ToArray());

    internal void Commit(CommitManifest manifest) => manifests[manifest.Version] = manifest;

    internal (float[] Weights, float[] Slots) Read(WeightVersion version, BlockId block) =>
        manifests.ContainsKey(version)
            ? shards[(version, block)]
            : throw new InvalidOperationException($"There is no checkpoint of {version}.");
}
