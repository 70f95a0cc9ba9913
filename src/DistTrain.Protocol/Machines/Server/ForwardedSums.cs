namespace DistTrain.Protocol;

/// <summary>
/// Complete sums that wait for a block's replica. An update is published only when the replica has its sum: then a version that
/// anybody has seen can no longer be lost with one server, and what is lost is at most the step that is open.
/// </summary>
/// <remarks>
/// Rejected: publish at once and let the replica lag. A version that other servers built upon could be lost with its owner; all
/// servers would have to keep three versions of weights, and a committed step would be computed again.
/// </remarks>
internal sealed class ForwardedSums
{
    private readonly SortedDictionary<int, Waiting> waiting = [];

    /// <summary>Sends a sum and keeps a reference to it until it is taken.</summary>
    public void Send(MachineId replica, ForwardSum forward, long tick, Outbox outbox)
    {
        forward.Sum.Retain();
        waiting.Add(forward.Block.Value, new Waiting(replica, forward, tick));
        outbox.Send(replica, forward);
    }

    public bool Has(BlockId block) => waiting.ContainsKey(block.Value);

    /// <summary>The replica has a sum; returns the scale of its update, or null when nobody waits for that.</summary>
    public UpdateScale? Take(SumTaken taken)
    {
        if (!waiting.TryGetValue(taken.Block.Value, out Waiting? found) || found.Forward.Step != taken.Step)
        {
            return null;
        }

        waiting.Remove(taken.Block.Value);
        found.Forward.Sum.Release();
        return found.Forward.Scale;
    }

    /// <summary>Sends again what has waited for <paramref name="retryTicks"/>, and longer each time.</summary>
    public void Repeat(long tick, int retryTicks, Outbox outbox)
    {
        foreach (Waiting sum in waiting.Values.Where(sum => sum.IsDue(tick, retryTicks)))
        {
            outbox.Send(sum.Replica, sum.Forward);
        }
    }

    public void Clear()
    {
        foreach (Waiting sum in waiting.Values)
        {
            sum.Forward.Sum.Release();
        }

        waiting.Clear();
    }

    private sealed class Waiting(MachineId replica, ForwardSum forward, long sentTick)
    {
        private RetryTimer timer = new(sentTick);

        public MachineId Replica { get; } = replica;

        public ForwardSum Forward { get; } = forward;

        public bool IsDue(long tick, int retryTicks) => timer.IsDue(tick, retryTicks);
    }
}
