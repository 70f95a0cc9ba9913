namespace DistTrain.Hosting;

/// <summary>
/// A place for a process that the run wants: what dies is started again here, with machines under new numbers. Who dies again and
/// again before a step is committed waits longer each time, and in the end the run fails.
/// </summary>
/// <param name="Name">For people.</param>
/// <param name="Workers">Workers that its process hosts.</param>
/// <param name="Servers">Servers that it hosts.</param>
/// <param name="IsCoordinator">Whether it hosts the coordinator, alone.</param>
internal sealed record NodeSlot(string Name, int Workers, int Servers, bool IsCoordinator = false)
{
    /// <summary>Starts in a row without a committed step between after which the run fails.</summary>
    private const int FailuresMax = 10;

    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(5);

    /// <summary>Of its workers; null: as the job says.</summary>
    public int? Threads { get; init; }

    /// <summary>That its processes are bound to; null: none.</summary>
    public IReadOnlyList<int>? Cores { get; init; }

    private int failures;
    private long samplesThen = -1;

    /// <summary>Its process has died; how long to wait before the next start. Null: that was once too often.</summary>
    /// <param name="samples">Committed so far.</param>
    public TimeSpan? DelayAfterDeath(long samples)
    {
        failures = samples == samplesThen ? failures + 1 : 0;
        samplesThen = samples;
        return failures > FailuresMax ? null
            : failures == 0 ? TimeSpan.Zero
            : TimeSpan.FromTicks(Math.Min(DelayMax.Ticks, DelayMin.Ticks << (failures - 1)));
    }
}
