using System.Diagnostics;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// The published blocks a worker holds, by version. Machines put them in, the compute thread waits for exactly the version it
/// computes on. Safe for all threads.
/// </summary>
/// <param name="blocks">How many there are.</param>
/// <param name="watch">By which whoever waits looks for them itself; null: others bring them.</param>
internal sealed class InstalledBlocks(int blocks, InboxWatch? watch = null)
{
    private readonly object gate = new();
    private readonly List<(WeightVersion Version, BlockBuffer Weights)>[] held = [.. Enumerable.Range(0, blocks).Select(_ => new List<(WeightVersion, BlockBuffer)>(2))];

    // What the compute thread waits for, and how many of those are not there. It is woken once, by the last of them: woken by each, on a
    // core that it shares with whoever installs them, it cost some ten thread switches a block (0.3 ms a step of 784-512-256-10).
    private (int First, int End, WeightVersion Version) wanted;
    private int missing;

    /// <summary>Time the compute thread has waited, in <see cref="Stopwatch"/> units; read by that thread.</summary>
    public long Waited { get; private set; }

    /// <summary>Told of every wait, its begin and end in <see cref="Stopwatch"/> units, by the compute thread; null: nobody asks.</summary>
    public Action<long, long>? OnWaited { get; set; }

    /// <summary>Retains the buffer until its version is dropped.</summary>
    public void Install(BlockId block, WeightVersion version, BlockBuffer weights)
    {
        lock (gate)
        {
            List<(WeightVersion Version, BlockBuffer Weights)> versions = held[block.Value];
            if (Find(block.Value, version) is not null)
            {
                return;
            }

            versions.Add((version, weights.Retain()));
            if (version == wanted.Version && block.Value >= wanted.First && block.Value < wanted.End && --missing == 0)
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>Releases every version below this one.</summary>
    public void Drop(WeightVersion below)
    {
        lock (gate)
        {
            foreach (List<(WeightVersion Version, BlockBuffer Weights)> versions in held)
            {
                for (int i = versions.Count - 1; i >= 0; i--)
                {
                    if (versions[i].Version < below)
                    {
                        versions[i].Weights.Release();
                        versions.RemoveAt(i);
                    }
                }
            }
        }
    }

    /// <summary>Releases everything.</summary>
    public void Clear() => Drop(new WeightVersion(long.MaxValue));

    /// <summary>Lets a waiting computation look again, because it was cancelled.</summary>
    public void Wake()
    {
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits for a run of blocks at exactly a version; the caller gets a reference to each.</summary>
    /// <param name="first">The first block.</param>
    /// <param name="version">Of all of them.</param>
    /// <param name="into">As many as blocks are wanted.</param>
    /// <param name="isCancelled">Asked whenever <see cref="Wake"/> is called.</param>
    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    public void WaitFor(int first, WeightVersion version, Span<BlockBuffer?> into, Func<bool> isCancelled)
    {
        long begun = HasAll(first, version, into.Length) ? 0 : Stopwatch.GetTimestamp();
        using InboxWatch.Sleep sleep = begun == 0 ? default : SleepUnlessComplete(isCancelled);
        lock (gate)
        {
            while ((missing = CountMissing()) > 0)
            {
                if (isCancelled())
                {
                    throw new OperationCanceledException();
                }

                Monitor.Wait(gate);
            }

            if (begun != 0)
            {
                long now = Stopwatch.GetTimestamp();
                Waited += now - begun;
                OnWaited?.Invoke(begun, now);
            }

            for (int i = 0; i < into.Length; i++)
            {
                into[i] = Find(first + i, version)!.Retain();
            }
        }
    }

    /// <summary>From now on those are wanted.</summary>
    private bool HasAll(int first, WeightVersion version, int count)
    {
        lock (gate)
        {
            wanted = (first, first + count, version);
            return (missing = CountMissing()) == 0;
        }
    }

    // Apart from its caller, which would allocate for it even when nothing is missing.
    private InboxWatch.Sleep SleepUnlessComplete(Func<bool> isCancelled) =>
        InboxWatch.SleepUnless(watch, () => Volatile.Read(ref missing) == 0 || isCancelled());

    private int CountMissing()
    {
        int count = 0;
        for (int block = wanted.First; block < wanted.End; block++)
        {
            count += Find(block, wanted.Version) is null ? 1 : 0;
        }

        return count;
    }

    private BlockBuffer? Find(int block, WeightVersion version)
    {
        foreach ((WeightVersion Version, BlockBuffer Weights) entry in held[block])
        {
            if (entry.Version == version)
            {
                return entry.Weights;
            }
        }

        return null;
    }
}
