using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>The run's store as the servers of one other node use it, over a host channel: blocks of checkpoints go out, shards come in.</summary>
/// <param name="store">The run's.</param>
/// <param name="plan">Its blocks.</param>
/// <param name="slots">Of the update rule.</param>
/// <param name="pool">Where floats are rented.</param>
internal sealed class StoreAccess(RunStore store, BlockPlan plan, int slots, BlockPool pool) : IDisposable
{
    private readonly ShardArrivals arrivals = new(plan, slots, pool);

    /// <exception cref="InvalidDataException">The part doesn't follow the one before.</exception>
    public void Take(ShardPart part) => arrivals.Take(part);

    /// <summary>All of a shard was sent: it goes to the store if it is what was sent.</summary>
    /// <returns>The answer.</returns>
    public ShardSettled Collect(ShardSent sent)
    {
        if (arrivals.Complete(sent) is not { } shard)
        {
            return new ShardSettled(sent.Server, sent.Epoch, sent.Version, null, "the shard that arrived is not the one that was sent");
        }

        store.Collect(shard);
        return new ShardSettled(sent.Server, sent.Epoch, sent.Version, $"{sent.Blocks} blocks, sha256 {sent.Sha256}", null);
    }

    /// <summary>Sends the blocks that were asked for; reads files and waits for room: to be called where that holds up nobody.</summary>
    public void Load(AskBlocks ask, HostChannel channel)
    {
        try
        {
            foreach (BlockId id in ask.Blocks)
            {
                (BlockBuffer weights, BlockBuffer state) = store.Load(ask.Version, plan[id], pool);
                foreach ((int offset, byte[] bytes) in BlockParts.Of(weights, state))
                {
                    channel.PostWhenRoom(new StoredPart(ask.Server, ask.Epoch, ask.Version, id, offset) { Bulk = bytes });
                }

                weights.Release();
                state.Release();
            }
        }
        catch (Exception exception)
        {
            // Whatever is wrong with it, an older one may be sound: the coordinator decides.
            string reason = exception is UserError ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
            channel.Post(new BlocksNotLoaded(ask.Server, ask.Epoch, ask.Version, reason));
        }
    }

    /// <summary>Whether a message speaks of blocks that there are, and of no other server than the node's own.</summary>
    public bool IsRight(HostMessage message, Func<MachineId, bool> hosts) => message switch
    {
        AskBlocks ask => hosts(ask.Server) && ask.Blocks.All(IsBlock),
        ShardPart part => hosts(part.Server) && IsBlock(part.Block),
        ShardSent sent => hosts(sent.Server),
        _ => true,
    };

    public void Dispose() => arrivals.Dispose();

    private bool IsBlock(BlockId id) => id.Value >= 0 && id.Value < plan.Blocks.Count;
}
