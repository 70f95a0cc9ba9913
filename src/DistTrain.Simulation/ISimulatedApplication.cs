using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// What trains under a simulated protocol. All of it must be pure: the same arguments, the same bits. Called on one thread.
/// </summary>
public interface ISimulatedApplication
{
    RunPlan Run { get; }

    BlockPlan Blocks { get; }

    IBlockUpdate Update { get; }

    /// <summary>Floats of a block's slots.</summary>
    int SlotFloats(Block block);

    /// <summary>Initial weights and slots of a block; both come zeroed.</summary>
    void Initialize(Block block, Span<float> weights, Span<float> slots);

    /// <summary>The unnormalised gradient sum of a range on exactly version <c>step.Before</c>, over the flat vector.</summary>
    RangeStatistics Compute(StepNumber step, SliceRange range, ReadOnlySpan<float> weights, Span<float> gradient);

    /// <summary>The sums of a batch of an evaluation set on exactly this version.</summary>
    RangeStatistics Evaluate(WeightVersion version, EvaluationBatch batch, ReadOnlySpan<float> weights);

    /// <summary>The only right weights of a version, found without machines; null when the application doesn't know them.</summary>
    float[]? ExpectedAt(WeightVersion version);
}
