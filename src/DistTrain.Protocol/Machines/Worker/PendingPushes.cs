namespace DistTrain.Protocol;

/// <summary>Pushes sent and not yet accepted; the worker holds their gradients to send them again.</summary>
internal sealed class PendingPushes
{
    private readonly Dictionary<(StepNumber Step, BlockId Block, SliceRange Range), Pending> pending = [];
    private readonly Dictionary<StepNumber, int> perStep = [];
    private readonly List<(StepNumber Step, BlockId Block, SliceRange Range)> overtaken = [];

    /// <summary>Pushes not yet accepted.</summary>
    public int Count => pending.Count;

    /// <summary>Sends a push and keeps it; nothing when the same push is already on its way.</summary>
    public void Add(MachineId server, PushGradient push, long tick, Outbox outbox)
    {
        if (pending.TryAdd((push.Step, push.Block, push.Range), new Pending(server, push, tick)))
        {
            push.Gradient.Retain();
            perStep[push.Step] = perStep.GetValueOrDefault(push.Step) + 1;
            outbox.Send(server, push);
        }
    }

    /// <summary>The owner has the push, or has gone past it.</summary>
    public void Remove(StepNumber step, BlockId block, SliceRange range)
    {
        if (pending.Remove((step, block, range), out Pending? found))
        {
            found.Push.Gradient.Release();
            if (--perStep[step] == 0)
            {
                perStep.Remove(step);
            }
        }
    }

    /// <summary>A block has this version, so its pushes of earlier steps are of no use any more.</summary>
    public void RemoveBefore(BlockId block, WeightVersion version)
    {
        foreach ((StepNumber Step, BlockId Block, SliceRange Range) key in pending.Keys)
        {
            if (key.Block == block && key.Step.Before < version)
            {
                overtaken.Add(key);
            }
        }

        foreach ((StepNumber step, BlockId owner, SliceRange range) in overtaken)
        {
            Remove(step, owner, range);
        }

        overtaken.Clear();
    }

    /// <summary>The earliest step with a pending push, or <paramref name="otherwise"/> if that is earlier or nothing is pending.</summary>
    public StepNumber FirstStep(StepNumber otherwise)
    {
        StepNumber first = otherwise;
        foreach (StepNumber step in perStep.Keys)
        {
            first = step < first ? step : first;
        }

        return first;
    }

    /// <summary>Sends again what has waited for <paramref name="retryTicks"/>, and longer each time.</summary>
    public void Repeat(long tick, int retryTicks, Outbox outbox)
    {
        foreach (Pending waiting in pending.Values)
        {
            if (waiting.IsDue(tick, retryTicks))
            {
                outbox.Send(waiting.Server, waiting.Push);
            }
        }
    }

    public void Clear()
    {
        foreach (Pending waiting in pending.Values)
        {
            waiting.Push.Gradient.Release();
        }

        pending.Clear();
        perStep.Clear();
    }

    private sealed class Pending(MachineId server, PushGradient push, long sentTick)
    {
        private RetryTimer timer = new(sentTick);

        public MachineId Server { get; } = server;

        public PushGradient Push { get; } = push;

        public bool IsDue(long tick, int retryTicks) => timer.IsDue(tick, retryTicks);
    }
}
