using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// The job's update rules as a server calls them. Running products are a function of the step: they are advanced from where the run
/// started and remembered for the steps that blocks are at, which differ by one at most.
/// </summary>
/// <remarks>Belongs to one server.</remarks>
public sealed class RuleUpdate : IBlockUpdate
{
    private readonly ParameterRules rules;
    private readonly RunningProducts products;
    private readonly LearningRates rates;
    private readonly OptimizerState start;
    private OptimizerState previous;
    private OptimizerState current;

    public RuleUpdate(ParameterRules rules, LearningRates rates, OptimizerState start)
    {
        this.rules = rules;
        products = new RunningProducts(rules);
        this.rates = rates;
        this.start = previous = current = start;
    }

    /// <summary>The running products after so many steps, as a checkpoint keeps them.</summary>
    public OptimizerState StateAt(long steps)
    {
        if (steps == previous.Steps)
        {
            return previous;
        }

        if (steps < current.Steps)
        {
            // A run epoch began further back.
            previous = current = start;
        }

        while (current.Steps < steps)
        {
            previous = current;
            current = current.After(rules.Optimizer);
        }

        return current;
    }

    public double SquaredNorm(Block block, ReadOnlySpan<float> gradientSum, float weightSum) =>
        rules.SquaredNorm((int)block.Offset, gradientSum, weightSum);

    public void Update(
        Block block,
        StepNumber step,
        UpdateScale scale,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        UpdateStep update = products.Begin(StateAt(step.Value), step.Value, rates.At(step.Value, scale.Rate), scale.Gradient);
        rules.Update((int)block.Offset, products.Turn(step.Value), update, gradientSum, weightSum, weights, newWeights, slots, newSlots);
    }
}
