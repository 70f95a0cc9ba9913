using System.Diagnostics;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// The published blocks a worker holds, by version. Machines put them in, the compute thread waits for exactly the version it
/// computes on. Safe for all threads.
/// </summary>
internal sealed class InstalledBlocks(int blocks)
{
    private readonly object gate = new();
    private readonly List<(WeightVersion Version, BlockBuffer Weights)>[] held = [.. Enumerable.Range(0, blocks).Select(_ => new List<(WeightVersion, BlockBuffer)>(2))];

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
            if (versions.TrueForAll(entry => entry.Version != version))
            {
                versions.Add((version, weights.Retain()));
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

    /// <summary>Waits for a block at exactly a version; the caller gets a reference of its own.</summary>
    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    public BlockBuffer WaitFor(BlockId block, WeightVersion version, Func<bool> isCancelled)
    {
        long begun = 0;
        lock (gate)
        {
            while (true)
            {
                foreach ((WeightVersion Version, BlockBuffer Weights) entry in held[block.Value])
                {
                    if (entry.Version == version)
                    {
                        if (begun != 0)
                        {
                            long now = Stopwatch.GetTimestamp();
                            Waited += now - begun;
                            OnWaited?.Invoke(begun, now);
                        }

                        return entry.Weights.Retain();
                    }
                }

                if (isCancelled())
                {
                    throw new OperationCanceledException();
                }

                begun = begun == 0 ? Stopwatch.GetTimestamp() : begun;
                Monitor.Wait(gate);
            }
        }
    }
}
