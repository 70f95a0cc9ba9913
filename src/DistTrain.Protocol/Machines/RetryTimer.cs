namespace DistTrain.Protocol;

/// <summary>
/// When a request whose answer or self is large is said again: after RetryTicks, then after twice as long each time, up to
/// 2^<see cref="ProtocolLimits.RetryDoublingsMax"/> times that. A machine can't see its host's queues: on a line that needs longer than
/// RetryTicks, repetitions at a constant rate would fill it for ever.
/// </summary>
internal struct RetryTimer(long tick)
{
    private long saidTick = tick;
    private int repetitions;

    /// <summary>Whether to say it again now; true counts as said.</summary>
    public bool IsDue(long tick, int retryTicks)
    {
        if (tick - saidTick < (long)retryTicks << repetitions)
        {
            return false;
        }

        saidTick = tick;
        repetitions = Math.Min(repetitions + 1, ProtocolLimits.RetryDoublingsMax);
        return true;
    }
}
