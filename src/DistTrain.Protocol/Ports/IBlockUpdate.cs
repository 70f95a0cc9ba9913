using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>
/// What a server does with a complete gradient sum: the job's update rule with its schedule. Must be a pure function of its
/// arguments, the same in every machine: scheduled learning rates and running products (βᵗ) are functions of the step alone.
/// </summary>
public interface IBlockUpdate
{
    /// <summary>What a block adds to the squared norm of the averaged gradient, for clipping: parameters without a gradient don't count.</summary>
    /// <param name="block">Which block.</param>
    /// <param name="gradientSum">Root of the tree, not normalised.</param>
    /// <param name="weightSum">What to divide it by.</param>
    double SquaredNorm(Block block, ReadOnlySpan<float> gradientSum, float weightSum) => GradientNorm.Squared(gradientSum, weightSum);

    /// <summary>New weights and slots of a block from the old ones.</summary>
    /// <param name="block">Which block: rules may differ between parameters.</param>
    /// <param name="step">The step.</param>
    /// <param name="scale">What the coordinator decided about the step.</param>
    /// <param name="gradientSum">Root of the tree, not normalised.</param>
    /// <param name="weightSum">What to divide it by; positive and finite.</param>
    /// <param name="weights">Old weights.</param>
    /// <param name="newWeights">Written; another buffer than <paramref name="weights"/>.</param>
    /// <param name="slots">Old state, slot-major.</param>
    /// <param name="newSlots">Written; the same memory as <paramref name="slots"/>, or other.</param>
    void Update(
        Block block,
        StepNumber step,
        UpdateScale scale,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots);
}
