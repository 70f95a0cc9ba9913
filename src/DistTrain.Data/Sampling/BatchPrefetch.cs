using System.Collections.Concurrent;

namespace DistTrain.Data;

/// <summary>
/// Reads the same rows of the next step while this one is computed, for sources whose samples lie in a file. What was read ahead and
/// never asked for, since ranges moved to another worker, is thrown away: samples are the same wherever they come from.
/// </summary>
internal sealed class BatchPrefetch(BatchLoader loader)
{
    /// <summary>Parts of a step read ahead: more than a worker has ranges and pieces of them.</summary>
    private const int PendingMax = 32;

    private readonly ConcurrentDictionary<(int Pass, int Step, int First, int Rows), Ahead> pending = new();

    /// <summary>Copies what was read ahead; false when nothing was, and nothing was written.</summary>
    public bool TryTake(int pass, int step, int first, Span<int> indices, Span<float> features, Span<float> targets)
    {
        if (!pending.TryRemove((pass, step, first, indices.Length), out Ahead? ahead))
        {
            return false;
        }

        ahead.Loading.GetAwaiter().GetResult();
        ahead.Indices.CopyTo(indices);
        ahead.Features.CopyTo(features);
        ahead.Targets.AsSpan(0, targets.Length).CopyTo(targets);
        return true;
    }

    /// <summary>Begins to read the rows that come next where these were asked for.</summary>
    public void Begin(int pass, int step, int first, int rows)
    {
        (int nextPass, int nextStep) = step + 1 < loader.StepsPerPass ? (pass, step + 1) : (pass + 1, 0);
        if (first + rows > loader.RowsIn(nextStep))
        {
            return;
        }

        if (pending.Count >= PendingMax)
        {
            foreach ((int Pass, int Step, int First, int Rows) key in pending.Keys.Where(key => (key.Pass, key.Step) != (nextPass, nextStep)))
            {
                _ = pending.TryRemove(key, out _);
            }
        }

        var ahead = new Ahead(loader, nextPass, nextStep, first, rows);
        if (pending.Count < PendingMax && pending.TryAdd((nextPass, nextStep, first, rows), ahead))
        {
            ahead.Loading.Start(TaskScheduler.Default);
        }
    }

    private sealed class Ahead
    {
        public Ahead(BatchLoader loader, int pass, int step, int first, int rows)
        {
            Indices = new int[rows];
            Features = new float[rows * loader.Source.SampleShape.Length];
            Targets = new float[rows * loader.Source.Target.Length];
            Loading = new Task(() => loader.LoadNow(pass, step, first, Indices, Features, Targets));
        }

        public int[] Indices { get; }

        public float[] Features { get; }

        public float[] Targets { get; }

        /// <summary>Listed before it is started: who takes it then waits for both.</summary>
        public Task Loading { get; }
    }
}
