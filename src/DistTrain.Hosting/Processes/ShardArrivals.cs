using System.Security.Cryptography;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Shards of checkpoints on their way from one node: put together and checked before the store takes them over.</summary>
internal sealed class ShardArrivals(BlockPlan plan, int slots, BlockPool pool) : IDisposable
{
    private readonly Dictionary<(MachineId Server, RunEpoch Epoch, WeightVersion Version), Arrival> arrivals = [];

    /// <exception cref="InvalidDataException">The part doesn't follow the one before.</exception>
    public void Take(ShardPart part)
    {
        (MachineId Server, RunEpoch Epoch, WeightVersion Version) key = (part.Server, part.Epoch, part.Version);
        if (!arrivals.TryGetValue(key, out Arrival? arrival))
        {
            arrivals.Add(key, arrival = new Arrival());
        }

        arrival.Hash.AppendData(part.Bulk.Span);
        arrival.Open ??= new BlockAssembly(plan[part.Block], slots, pool);
        if (arrival.Open.Take(part.Offset, part.Bulk.Span))
        {
            arrival.Blocks.Add(new StoredBlock(part.Block, arrival.Open.Weights, arrival.Open.Slots));
            arrival.Open = null;
        }
    }

    /// <summary>All that was sent of a shard has arrived: the shard, whose references go to the caller; null: it is not what was sent.</summary>
    public StoreShard? Complete(ShardSent sent)
    {
        if (!arrivals.Remove((sent.Server, sent.Epoch, sent.Version), out Arrival? arrival))
        {
            return null;
        }

        string sha256 = Convert.ToHexStringLower(arrival.Hash.GetHashAndReset());
        arrival.Hash.Dispose();
        return arrival.Open is null && arrival.Blocks.Count == sent.Blocks && sha256 == sent.Sha256
            ? new StoreShard(sent.Epoch, sent.Version, arrival.Blocks)
            : null;
    }

    /// <summary>The node is gone. What had arrived goes to the garbage collector.</summary>
    public void Dispose()
    {
        foreach (Arrival arrival in arrivals.Values)
        {
            arrival.Hash.Dispose();
        }

        arrivals.Clear();
    }

    private sealed class Arrival
    {
        public IncrementalHash Hash { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public List<StoredBlock> Blocks { get; } = [];

        public BlockAssembly? Open { get; set; }
    }
}
