namespace DistTrain.Protocol.Tests;

/// <summary>A worker's compute port: requests in order, blocks by version.</summary>
internal sealed class DirectCompute
{
    private readonly Dictionary<(WeightVersion Version, BlockId Block), BlockBuffer> blocks = [];

    public Queue<Effect> Requests { get; } = new();

    public void Take(Effect effect)
    {
        switch (effect)
        {
            case ComputeRange or ComputeEvaluation:
                Requests.Enqueue(effect);
                break;
            case CancelComputations:
                Requests.Clear();
                break;
            case InstallBlock install:
                blocks.Add((install.Version, install.Block), install.Weights.Retain());
                break;
            case DropVersions drop:
                Drop(version => version < drop.Below);
                break;
            case BeginEpoch:
                Requests.Clear();
                Drop(_ => true);
                break;
            default:
                throw new InvalidOperationException($"A compute port knows no {effect.GetType().Name}.");
        }
    }

    public float[]? Gather(WeightVersion version, BlockPlan plan)
    {
        float[] weights = new float[plan.Floats];
        foreach (Block block in plan.Blocks)
        {
            if (!blocks.TryGetValue((version, block.Id), out BlockBuffer? buffer))
            {
                return null;
            }

            buffer.Span.CopyTo(weights.AsSpan((int)block.Offset));
        }

        return weights;
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
