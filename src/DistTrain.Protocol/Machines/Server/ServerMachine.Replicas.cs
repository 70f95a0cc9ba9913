namespace DistTrain.Protocol;

/// <content>Two copies of a block: the owner forwards each complete sum, the replica applies the same update.</content>
public sealed partial class ServerMachine
{
    /// <summary>Nothing holds the update of a complete sum any more: to the replica first, if there is one.</summary>
    private void Release(ServerBlock block, UpdateScale scale, Outbox outbox)
    {
        if (orders!.Replicas.Count == 0)
        {
            Apply(block, scale, outbox);
            return;
        }

        BlockId id = block.Block.Id;
        var forward = new ForwardSum(orders.Epoch, block.Version.Step, id, scale, block.Tree.Statistics, block.Tree.Sum);
        forwards.Send(MachineId.Server(orders.Replicas[id.Value]), forward, tick, outbox);
    }

    private void Take(SumTaken taken, Outbox outbox)
    {
        if (forwards.Take(taken) is { } scale)
        {
            Apply(blocks[taken.Block.Value], scale, outbox);
        }
    }

    private void Take(MachineId from, ForwardSum forward, Outbox outbox)
    {
        // Before the replica is loaded nothing can be taken; the owner will say it again.
        if (!replicas.TryGetValue(forward.Block.Value, out ServerBlock? block)
            || forward.Step.Before > block.Version || forward.Sum.Length != block.Block.Length)
        {
            return;
        }

        if (forward.Step.Before == block.Version)
        {
            Remember(forward.Step, forward.Statistics);
            block.Apply(update, forward.Scale, forward.Sum, forward.Statistics);
        }

        outbox.Send(from, new SumTaken(forward.Epoch, forward.Step, forward.Block));
    }
}
