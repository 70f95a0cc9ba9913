using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <summary>A node's way to the run's store, and data, at one singleton: a host channel over the lane to it. The next singleton is another one.</summary>
internal sealed class StoreDoor
{
    private readonly int lane;
    private readonly NodeParts parts;
    private readonly MachinePost post;
    private readonly Action<HostMessage> takeData;

    /// <param name="lane">Number of the singleton's node.</param>
    /// <param name="wire">The node's.</param>
    /// <param name="parts">Put together what arrives.</param>
    /// <param name="post">To the node's machines.</param>
    /// <param name="takeData">Gets what is said of the data.</param>
    public StoreDoor(int lane, INodeWire wire, NodeParts parts, MachinePost post, Action<HostMessage> takeData)
    {
        this.takeData = takeData;
        this.lane = lane;
        this.parts = parts;
        this.post = post;
        Channel = new HostChannel(packet => wire.Send(lane, packet), Deliver);
    }

    public HostChannel Channel { get; }

    /// <summary>Memory for floats that are about to be read, where they will be wanted.</summary>
    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => parts.Rent(head, floats);

    /// <exception cref="InvalidDataException">It is no packet.</exception>
    public void Receive(int node, ReadOnlySpan<byte> packet)
    {
        if (node == lane)
        {
            Channel.Receive(packet);
        }
    }

    /// <summary>Long: hashes and copies a shard.</summary>
    public void Send(MachineId server, StoreShard shard)
    {
        try
        {
            ShardUpload.Send(Channel, server, shard);
        }
        catch (Exception exception)
        {
            post.Deliver(server, new ShardStoreFailed(shard.Epoch, shard.Version, exception.Message));
        }
    }

    private void Deliver(HostMessage message)
    {
        switch (message)
        {
            case DataTold or HashesTold or ChunkTold or DataNotTold:
                takeData(message);
                break;
            case StoredPart part:
                if (parts.Take(part) is { } block)
                {
                    post.Deliver(part.Server, new BlockLoaded(part.Epoch, part.Block, block.Weights, block.Slots), block.Weights, block.Slots);
                }

                break;
            case BlocksNotLoaded failed:
                post.Deliver(failed.Server, new LoadFailed(failed.Epoch, failed.Version, failed.Reason));
                break;
            case ShardSettled settled:
                post.Deliver(settled.Server, settled.Receipt is { } receipt
                    ? new ShardStored(settled.Epoch, settled.Version, receipt)
                    : new ShardStoreFailed(settled.Epoch, settled.Version, settled.Failure ?? ""));
                break;
        }
    }
}
