namespace DistTrain.Protocol;

/// <summary>Which server owns which block. The weights don't depend on it; the load does.</summary>
public sealed class BlockPlacement
{
    private readonly int[] owners;

    /// <param name="owners">Server number of each block, by block id.</param>
    public BlockPlacement(IReadOnlyList<int> owners) => this.owners = [.. owners];

    /// <summary>Server number of each block, by block id.</summary>
    public IReadOnlyList<int> Owners => owners;

    public MachineId OwnerOf(BlockId block) => MachineId.Server(owners[block.Value]);

    /// <summary>Blocks of a server, ascending.</summary>
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
    public IEnumerable<MachineId> Servers() => owners.Distinct().Order().Select(MachineId.Server);

    /// <summary>
    /// Largest block first to the server with the fewest floats (the lowest number when equal): no server has more than the
    /// average and one block.
    /// </summary>
    /// <param name="plan">The blocks.</param>
    /// <param name="servers">Servers to place on, at least one; with more servers than blocks some stay empty.</param>
    public static BlockPlacement Balance(BlockPlan plan, IReadOnlyList<MachineId> servers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(servers.Count, 1, nameof(servers));
        var loads = new PriorityQueue<MachineId, (long Floats, int Number)>();
        foreach (MachineId server in servers)
        {
            loads.Enqueue(server, (0, server.Number));
        }

        int[] owners = new int[plan.Blocks.Count];
        foreach (Block block in plan.Blocks.OrderByDescending(block => block.Length).ThenBy(block => block.Id.Value))
        {
            loads.TryDequeue(out MachineId server, out (long Floats, int Number) load);
            owners[block.Id.Value] = server.Number;
            loads.Enqueue(server, (load.Floats + block.Length, server.Number));
        }

        return new BlockPlacement(owners);
    }
}
