using System.Diagnostics;

namespace DistTrain.Hosting;

/// <summary>
/// Threads of a node that look by themselves into what other processes of the host have put in shared memory: between two layers, and while
/// they wait for what is to come from there. As long as there is one, no sender has to wake anybody.
/// </summary>
/// <remarks>
/// A wake-up takes the sender a system call and the receiver two thread switches, on the core that computes. What nobody looks for in time
/// (a layer takes long) is found at the node's next tick.
/// </remarks>
internal sealed class InboxWatch
{
    /// <summary>How long who waits goes on looking before it sleeps: some steps' differences between workers.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMilliseconds(2);

    private const int SpinsPerLook = 20;
    private const int LooksPerYield = 16;

    private readonly Lock gate = new();
    private volatile LaneConnection[] lanes = [];
    private int watchers;

    /// <summary>Whether somebody looks.</summary>
    public bool IsWatched => Volatile.Read(ref watchers) > 0;

    /// <summary>Whether who waits may use its core for that: nobody else computes there.</summary>
    public bool MaySpin { get; set; }

    /// <summary>A lane whose inbox is open from now on.</summary>
    public void Add(LaneConnection lane)
    {
        lock (gate)
        {
            lanes = [.. lanes, lane];
            if (IsWatched)
            {
                lane.KeepQuiet();
            }
        }
    }

    public void Remove(LaneConnection lane)
    {
        lock (gate)
        {
            lanes = [.. lanes.Where(other => other != lane)];
        }
    }

    /// <summary>The caller looks from now on.</summary>
    public void Begin()
    {
        lock (gate)
        {
            if (++watchers == 1)
            {
                foreach (LaneConnection lane in lanes)
                {
                    lane.KeepQuiet();
                }
            }
        }
    }

    /// <summary>The caller does not look any more; when nobody else does, senders ring from now on.</summary>
    public void End()
    {
        lock (gate)
        {
            watchers--;
        }

        foreach (LaneConnection lane in IsWatched ? [] : lanes)
        {
            lane.LetRing();
        }
    }

    /// <summary>Reads what is there, and lets it take effect on this thread. False: nothing was.</summary>
    public bool Look()
    {
        bool found = false;
        foreach (LaneConnection lane in lanes)
        {
            found |= lane.Look();
        }

        return found;
    }

    /// <summary>
    /// Before its thread waits for others to wake it: looks for a while until something is so, and if it never is, does not look any more
    /// until the end of the sleep.
    /// </summary>
    /// <param name="watch">The caller looks by it; null: it does not, and nothing happens.</param>
    /// <param name="isSo">What the thread would wait for.</param>
    public static Sleep SleepUnless(InboxWatch? watch, Func<bool> isSo)
    {
        if (watch is null || watch.LookUntil(isSo))
        {
            return default;
        }

        watch.End();
        return new Sleep(watch);
    }

    private bool LookUntil(Func<bool> isSo)
    {
        long begun = Stopwatch.GetTimestamp();
        for (int looks = 1; ; looks++)
        {
            bool found = Look();
            if (isSo())
            {
                return true;
            }

            if (!MaySpin || Stopwatch.GetElapsedTime(begun) > PatienceMax)
            {
                return false;
            }

            // Lanes' threads and the coordinator may want this core.
            if (!found && looks % LooksPerYield == 0)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(SpinsPerLook);
            }
        }
    }

    /// <summary>Others have to ring as long as it lasts.</summary>
    public readonly struct Sleep(InboxWatch? watch) : IDisposable
    {
        public void Dispose() => watch?.Begin();
    }
}
