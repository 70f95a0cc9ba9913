using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>A worker's compute port: requests in order, each waiting for its blocks at exactly its version.</summary>
/// <param name="plan">The blocks.</param>
/// <param name="slowness">How many times as long as others this worker computes, from the start.</param>
internal sealed class SimulatedCompute(BlockPlan plan, int slowness)
{
    private readonly Dictionary<(WeightVersion Version, BlockId Block), BlockBuffer> blocks = [];
    private readonly Queue<Effect> requests = new();

    /// <summary>The flat vector that the last request of <see cref="Next"/> stands on.</summary>
    public float[] Weights { get; } = new float[plan.Floats];

    /// <summary>How many times as long as others this worker computes now.</summary>
    public int Slowness { get; set; } = slowness;

    /// <summary>Whether it is slower than it was at its start.</summary>
    public bool IsSlowed { get; set; }

    /// <summary>When the computation that runs now ends; requests wait until then.</summary>
    public long BusyUntil { get; set; }

    /// <summary>Raised by a cancellation: answers of an older generation are no longer wanted.</summary>
    public int Generation { get; private set; }

    public void Take(Effect effect)
    {
        switch (effect)
        {
            case ComputeRange or ComputeEvaluation:
                requests.Enqueue(effect);
                break;
            case CancelComputations:
                Cancel();
                break;
            case InstallBlock install:
                blocks.Add((install.Version, install.Block), install.Weights.Retain());
                break;
            case DropVersions drop:
                Drop(version => version < drop.Below);
                break;
            case BeginEpoch:
                Cancel();
                Drop(_ => true);
                break;
            default:
                throw new InvalidOperationException($"A compute port knows no {effect.GetType().Name}.");
        }
    }

    /// <summary>The next request, when all blocks of its version are there; they then stand in <see cref="Weights"/>.</summary>
    public Effect? Next()
    {
        if (!requests.TryPeek(out Effect? request))
        {
            return null;
        }

        WeightVersion version = request is ComputeRange range ? range.Step.Before : ((ComputeEvaluation)request).Version;
        foreach (Block block in plan.Blocks)
        {
            if (!blocks.ContainsKey((version, block.Id)))
            {
                return null;
            }
        }

        foreach (Block block in plan.Blocks)
        {
            blocks[(version, block.Id)].Span.CopyTo(Weights.AsSpan((int)block.Offset));
        }

        return requests.Dequeue();
    }

    private void Cancel()
    {
        requests.Clear();
        Generation++;
        BusyUntil = 0;
    }

    private void Drop(Predicate<WeightVersion> condition)
    {
        foreach ((WeightVersion Version, BlockId Block) key in blocks.Keys.Where(key => condition(key.Version)).ToList())
        {
            blocks.Remove(key, out BlockBuffer? buffer);
            buffer!.Release();
        }
    }
}
