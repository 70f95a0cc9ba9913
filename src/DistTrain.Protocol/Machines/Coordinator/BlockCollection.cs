namespace DistTrain.Protocol;

/// <summary>
/// What servers have when a run epoch has ended, and where the next one can begin: the newest version of which every block is
/// found, on a server or in the newest checkpoint.
/// </summary>
/// <remarks>
/// A block that is one version ahead serves too, if the weights before are with it: workers that compute the step need those, and
/// its update is done. So no server has to keep the slots of two versions. Blocks of one epoch differ by at most one version, and
/// what has been published is on owner and replica, so with replicas nothing that is committed is lost with a server.
/// </remarks>
internal sealed class BlockCollection(int blocks)
{
    private readonly SortedDictionary<MachineId, BlocksCollected> answers = [];

    /// <summary>Answers so far.</summary>
    public IReadOnlyCollection<BlocksCollected> Answers => answers.Values;

    public void Take(MachineId server, BlocksCollected answer) => answers[server] = answer;

    public bool Has(MachineId server) => answers.ContainsKey(server);

    /// <summary>The server is gone with all it has.</summary>
    public void Lose(MachineId server) => answers.Remove(server);

    /// <summary>Servers that must have had blocks, whether they answered or not.</summary>
    public IEnumerable<MachineId> Peers() => answers.Values.SelectMany(answer => answer.Peers).Distinct().Select(MachineId.Server);

    /// <summary>Two copies of one version that differ, in words; null when there are none.</summary>
    public string? Contradiction()
    {
        var seen = new Dictionary<(BlockId, WeightVersion), (long Hash, MachineId Server)>();
        foreach ((MachineId server, HeldBlock held) in All())
        {
            if (!seen.TryAdd((held.Block, held.Version), (held.Hash, server)) && seen[(held.Block, held.Version)].Hash != held.Hash)
            {
                return $"{held.Block} has two values at {held.Version}: of {seen[(held.Block, held.Version)].Server} and of {server}";
            }
        }

        return null;
    }

    /// <summary>
    /// The newest version above the checkpoint that all blocks serve, some at exactly that version; null when there is none. If all
    /// were ahead, nobody would compute the step, and its statistics.
    /// </summary>
    /// <param name="checkpoint">Version of the newest checkpoint, or of the run's start: every block can be loaded at it.</param>
    /// <param name="isKnown">Whether the totals at a version can be told.</param>
    public WeightVersion? Newest(WeightVersion checkpoint, Predicate<WeightVersion> isKnown)
    {
        var serving = new SortedDictionary<WeightVersion, HashSet<BlockId>>();
        foreach ((_, HeldBlock held) in All())
        {
            Serve(held.Version, held.Block);
            if (held.HasPrevious)
            {
                Serve(new WeightVersion(held.Version.Value - 1), held.Block);
            }
        }

        foreach ((WeightVersion version, HashSet<BlockId> found) in serving.Reverse())
        {
            if (version > checkpoint && found.Count == blocks && isKnown(version) && CopiesAt(version).Count == blocks)
            {
                return version;
            }
        }

        return null;

        void Serve(WeightVersion version, BlockId block)
        {
            if (!serving.TryGetValue(version, out HashSet<BlockId>? found))
            {
                serving[version] = found = [];
            }

            found.Add(block);
        }
    }

    /// <summary>The copy to begin with for each block that a server has at a version, ahead where possible; the others are loaded from the store.</summary>
    public Dictionary<BlockId, BlockCopy> CopiesAt(WeightVersion version)
    {
        var chosen = new Dictionary<BlockId, BlockCopy>();
        foreach ((MachineId server, HeldBlock held) in All())
        {
            bool serves = held.Version == version || (held.HasPrevious && held.Version == version.Next);
            if (serves && (!chosen.TryGetValue(held.Block, out BlockCopy copy) || held.Version > copy.Version))
            {
                chosen[held.Block] = new BlockCopy(held.Block, held.Version, server.Number);
            }
        }

        // At a checkpoint that lies further back all blocks can be ahead; then they are loaded, or nobody would compute the step.
        return chosen.Count == blocks && chosen.Values.All(copy => copy.Version > version) ? [] : chosen;
    }

    /// <summary>Factor of the gradient in the update that made a version, if any block has it; the same for all blocks.</summary>
    public float? ScaleBefore(WeightVersion version) =>
        All().Where(pair => pair.Held.Version == version && pair.Held.HasPrevious).Select(pair => (float?)pair.Held.LastScale).FirstOrDefault();

    /// <summary>Servers that hold exactly this copy of a block: placed there, it need not move.</summary>
    public ILookup<BlockId, MachineId> Holders(IReadOnlyDictionary<BlockId, BlockCopy> copies) =>
        All().Where(pair => copies.TryGetValue(pair.Held.Block, out BlockCopy copy) && copy.Version == pair.Held.Version)
            .ToLookup(pair => pair.Held.Block, pair => pair.Server);

    private IEnumerable<(MachineId Server, HeldBlock Held)> All() =>
        answers.SelectMany(answer => answer.Value.Held.Where(held => held.Block.Value < blocks).Select(held => (answer.Key, held)));
}
