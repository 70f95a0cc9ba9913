using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>The application's update rule in one server, with every update shown to the checker: also what is never published.</summary>
internal sealed class ObservedUpdate(IBlockUpdate rule, MachineId server, InvariantChecker checker) : IBlockUpdate
{
    public double SquaredNorm(Block block, ReadOnlySpan<float> gradientSum, float weightSum) => rule.SquaredNorm(block, gradientSum, weightSum);

    public void Update(
        Block block, StepNumber step, UpdateScale scale, ReadOnlySpan<float> gradientSum, float weightSum,
        ReadOnlySpan<float> weights, Span<float> newWeights, ReadOnlySpan<float> slots, Span<float> newSlots)
    {
        rule.Update(block, step, scale, gradientSum, weightSum, weights, newWeights, slots, newSlots);
        checker.Updated(server, block.Id, step, weightSum, newWeights, newSlots);
    }
}
