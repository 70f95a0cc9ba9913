namespace DistTrain.Protocol;

/// <summary>Which server owns which block, and which has its second copy. The weights don't depend on it; the load does.</summary>
public sealed class BlockPlacement
{
    private readonly int[] owners;
    private readonly int[] replicas;

    /// <param name="owners">Server number of each block, by block id.</param>
    /// <param name="replicas">The same for the second copies; empty when there are none.</param>
    public BlockPlacement(IReadOnlyList<int> owners, IReadOnlyList<int>? replicas = null)
    {
        this.owners = [.. owners];
        this.replicas = [.. replicas ?? []];
    }

    /// <summary>Server number of each block, by block id.</summary>
    public IReadOnlyList<int> Owners => owners;

    /// <summary>Server number of each block's replica, by block id; empty when there are none.</summary>
    public IReadOnlyList<int> Replicas => replicas;

    public MachineId OwnerOf(BlockId block) => MachineId.Server(owners[block.Value]);

    /// <summary>Blocks a server owns, ascending.</summary>
    public IEnumerable<BlockId> BlocksOf(MachineId server)
    {
        for (int block = 0; block < owners.Length; block++)
        {
            if (owners[block] == server.Number)
            {
                yield return new BlockId(block);
            }
        }
    }

    /// <summary>Servers that own a block, ascending.</summary>
    public IEnumerable<MachineId> OwningServers() => owners.Distinct().Order().Select(MachineId.Server);

    /// <summary>Servers that own or replicate a block, ascending.</summary>
    public IEnumerable<MachineId> Servers() => owners.Concat(replicas).Distinct().Order().Select(MachineId.Server);

    /// <summary>
    /// Largest block first to the server with the fewest floats (the lowest number when equal), or to one that holds it and is
    /// below the average: no server owns more than the average and one block. Replicas likewise, never with the owner.
    /// </summary>
    /// <param name="plan">The blocks.</param>
    /// <param name="servers">Servers to place on, at least one; with more servers than blocks some stay empty.</param>
    /// <param name="copies">1, or 2 for replicas; without a second server there are none.</param>
    /// <param name="holders">Servers that hold a block: there it need not move.</param>
    public static BlockPlacement Balance(
        BlockPlan plan, IReadOnlyList<MachineId> servers, int copies = 1, ILookup<BlockId, MachineId>? holders = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(servers.Count, 1, nameof(servers));
        int[] owners = Place(plan, servers, holders, except: []);
        return new BlockPlacement(owners, copies > 1 && servers.Count > 1 ? Place(plan, servers, holders, owners) : []);
    }

    private static int[] Place(BlockPlan plan, IReadOnlyList<MachineId> servers, ILookup<BlockId, MachineId>? holders, int[] except)
    {
        var loads = new SortedDictionary<int, long>(servers.ToDictionary(server => server.Number, _ => 0L));
        int[] placed = new int[plan.Blocks.Count];
        foreach (Block block in plan.Blocks.OrderByDescending(block => block.Length).ThenBy(block => block.Id.Value))
        {
            int forbidden = except.Length == 0 ? -1 : except[block.Id.Value];
            int? holder = holders?[block.Id].Select(server => server.Number)
                .Where(number => number != forbidden && loads.TryGetValue(number, out long load) && load * servers.Count < plan.Floats)
                .Select(number => (int?)number)
                .MinBy(number => (loads[number!.Value], number));
            int chosen = holder ?? loads.Where(pair => pair.Key != forbidden).MinBy(pair => (pair.Value, pair.Key)).Key;
            placed[block.Id.Value] = chosen;
            loads[chosen] += block.Length;
        }

        return placed;
    }
}
