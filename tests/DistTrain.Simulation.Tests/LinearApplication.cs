using DistTrain.Protocol;
using DistTrain.Protocol.Tests;

namespace DistTrain.Simulation.Tests;

/// <summary>The protocol tests' job under the simulator.</summary>
internal sealed class LinearApplication(LinearJob job) : ISimulatedApplication
{
    private readonly Dictionary<WeightVersion, float[]> expected = [];

    public RunPlan Run => job.Run;

    public BlockPlan Blocks => job.Blocks;

    public IBlockUpdate Update => job;

    public int SlotFloats(Block block) => block.Length;

    public void Initialize(Block block, Span<float> weights, Span<float> slots) =>
        job.InitialWeights.AsSpan((int)block.Offset, block.Length).CopyTo(weights);

    public RangeStatistics Compute(StepNumber step, SliceRange range, ReadOnlySpan<float> weights, Span<float> gradient) =>
        job.Compute(step, range, weights, gradient);

    public RangeStatistics Evaluate(WeightVersion version, EvaluationBatch batch, ReadOnlySpan<float> weights) =>
        job.Evaluate(batch, weights);

    public float[] ExpectedAt(WeightVersion version)
    {
        if (!expected.TryGetValue(version, out float[]? weights))
        {
            expected[version] = weights = job.Oracle(version.Value).Weights;
        }

        return weights;
    }
}
