using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// What an update rule must know of a step. With turns, each optimizer counts its own steps, and its running products are multiplied
/// from its first on: a function of the step alone, remembered from one step to the next.
/// </summary>
/// <remarks>One caller at a time.</remarks>
public sealed class RunningProducts(ParameterRules rules)
{
    private readonly OptimizerState[] turns = [.. rules.Optimizers.Select(_ => OptimizerState.Initial)];

    /// <summary>Which turn a step is.</summary>
    public int Turn(long step) => (int)(step % turns.Length);

    /// <summary>The step of the rule whose turn it is.</summary>
    /// <param name="state">Of the run before the step; all there is without turns.</param>
    /// <param name="step">Of the run, from 0.</param>
    /// <param name="rate">Of the step.</param>
    /// <param name="gradientScale">From clipping.</param>
    public UpdateStep Begin(OptimizerState state, long step, float rate, float gradientScale)
    {
        if (turns.Length == 1)
        {
            return state.Begin(rules.Optimizer, rate, gradientScale);
        }

        int turn = Turn(step);
        long own = step / turns.Length;
        OptimizerState before = turns[turn].Steps <= own ? turns[turn] : OptimizerState.Initial;
        while (before.Steps < own)
        {
            before = before.After(rules.Optimizers[turn]);
        }

        turns[turn] = before;
        return before.Begin(rules.Optimizers[turn], rate, gradientScale);
    }
}
