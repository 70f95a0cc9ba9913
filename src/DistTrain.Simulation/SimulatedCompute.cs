using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>A worker's compute port: requests in order, each waiting for its blocks at exactly its version.</summary>
internal sealed class SimulatedCompute(BlockPlan plan)
{
    private readonly Dictionary<(WeightVersion Version, BlockId Block), BlockBuffer> blocks = [];
    private readonly Queue<Effect> requests = new();

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

    /// <summary>The next request with the weights it stands on, when all its blocks are there.</summary>
    public (Effect Request, float[] Weights)? Next()
    {
        if (!requests.TryPeek(out Effect? request))
        {
            return null;
        }

        WeightVersion version = request is ComputeRange range ? range.Step.Before : ((ComputeEvaluation)request).Version;
        float[] weights = new float[plan.Floats];
        foreach (Block block in plan.Blocks)
        {
            if (!blocks.TryGetValue((version, block.Id), out BlockBuffer? buffer))
            {
                return null;
            }

            buffer.Span.CopyTo(weights.AsSpan((int)block.Offset));
        }

        return (requests.Dequeue(), weights);
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
