using System.Security.Cryptography;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A server's shard on its way to a store elsewhere: its blocks in parts, then what they hash to.</summary>
internal static class ShardUpload
{
    /// <summary>Sends all of it and releases the shard. Long, and waits for room in the channel: to be called off the machine's way.</summary>
    public static void Send(HostChannel channel, MachineId server, StoreShard shard)
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (StoredBlock block in shard.Blocks)
            {
                foreach ((int offset, byte[] bytes) in BlockParts.Of(block.Weights, block.Slots))
                {
                    hash.AppendData(bytes);
                    channel.PostWhenRoom(new ShardPart(server, shard.Epoch, shard.Version, block.Block, offset) { Bulk = bytes });
                }
            }

            channel.Post(new ShardSent(server, shard.Epoch, shard.Version, shard.Blocks.Count, Convert.ToHexStringLower(hash.GetHashAndReset())));
        }
        finally
        {
            shard.Release();
        }
    }
}
