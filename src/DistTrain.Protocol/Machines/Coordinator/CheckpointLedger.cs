using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>Checkpoints that were announced and are not settled: shards come in, then the manifest makes the checkpoint valid.</summary>
internal sealed class CheckpointLedger
{
    private readonly SortedDictionary<WeightVersion, Entry> open = [];
    private readonly Dictionary<WeightVersion, int> failures = [];
    private readonly SortedDictionary<WeightVersion, RunStart> valid = [];
    private readonly HashSet<WeightVersion> damaged = [];

    /// <summary>Versions that servers are asked to store.</summary>
    public IReadOnlyList<WeightVersion> Open => [.. open.Keys];

    /// <summary>The newest valid checkpoint, as a run begins from it.</summary>
    public RunStart? Newest => valid.Count == 0 ? null : valid.Values.Last();

    /// <summary>Whether a checkpoint could not be read, and was not stored again since.</summary>
    public bool IsDamaged(WeightVersion version) => damaged.Contains(version);

    /// <summary>A checkpoint, stored in this run or before it, cannot be read.</summary>
    public void Discard(WeightVersion version)
    {
        valid.Remove(version);
        damaged.Add(version);
    }

    /// <summary>Asks servers to store a version; nothing changes when they are asked already.</summary>
    /// <param name="version">Of the weights.</param>
    /// <param name="order">The orders that will ask. What servers report who have not seen them is about an earlier attempt.</param>
    public void Announce(WeightVersion version, long order) => open.TryAdd(version, new Entry(order));

    /// <summary>Whether one more may be asked for; what must be stored whatever it costs doesn't ask this.</summary>
    public bool HasRoom => open.Count < ProtocolLimits.CheckpointsOpenMax;

    public bool IsOpen(WeightVersion version) => open.ContainsKey(version);

    /// <summary>How often a version could not be stored in this run epoch.</summary>
    public int Failures(WeightVersion version) => failures.GetValueOrDefault(version);

    /// <summary>Every step before <paramref name="version"/> is committed; this is what stands there.</summary>
    public void Reach(WeightVersion version, PassTotals totals, SteeringState steering)
    {
        if (open.TryGetValue(version, out Entry? entry))
        {
            entry.Start ??= new RunStart(version, totals, steering);
        }
    }

    /// <summary>A server's outcome; returns the reason when it makes the checkpoint fail.</summary>
    public string? Take(MachineId server, ShardOutcome outcome, long orderSeen)
    {
        if (!open.TryGetValue(outcome.Version, out Entry? entry) || orderSeen < entry.Order)
        {
            return null;
        }

        if (outcome.Receipt is null)
        {
            Failed(outcome.Version);
            return $"{server}: {outcome.Failure}";
        }

        entry.Receipts.TryAdd(server, outcome.Receipt);
        return null;
    }

    /// <summary>Asks for the manifest of every checkpoint that has all its shards.</summary>
    public void Commit(IReadOnlyCollection<MachineId> servers, RunEpoch epoch, Outbox outbox)
    {
        foreach ((WeightVersion version, Entry entry) in open)
        {
            if (!entry.ManifestAsked && entry.Start is { } start && servers.All(entry.Receipts.ContainsKey))
            {
                entry.ManifestAsked = true;
                List<ShardReceipt> shards = [.. servers.Order().Select(server => new ShardReceipt(server, entry.Receipts[server]))];
                outbox.Add(new CommitManifest(epoch, version, shards, start.Totals, start.Steering!));
            }
        }
    }

    /// <summary>The manifest is stored; false when it was not asked for.</summary>
    public bool Committed(WeightVersion version)
    {
        if (!open.Remove(version, out Entry? entry))
        {
            return false;
        }

        damaged.Remove(version);
        valid[version] = entry.Start!;
        while (valid.Count > ProtocolLimits.CheckpointsKnownMax)
        {
            valid.Remove(valid.Keys.First());
        }

        return true;
    }

    /// <summary>The manifest failed; false when it was not asked for.</summary>
    public bool Failed(WeightVersion version)
    {
        bool wasOpen = open.Remove(version);
        if (wasOpen)
        {
            failures[version] = Failures(version) + 1;
        }

        return wasOpen;
    }

    /// <summary>A run epoch ended: what was open is void.</summary>
    public void Clear()
    {
        open.Clear();
        failures.Clear();
    }

    private sealed class Entry(long order)
    {
        public long Order { get; } = order;

        public SortedDictionary<MachineId, string> Receipts { get; } = [];

        public RunStart? Start { get; set; }

        public bool ManifestAsked { get; set; }
    }
}
