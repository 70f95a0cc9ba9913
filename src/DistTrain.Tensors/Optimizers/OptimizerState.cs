namespace DistTrain.Tensors;

/// <summary>
/// The running products of a rule after some steps. They are multiplied once a step and kept in the checkpoint in double
/// precision: a power function would be one more piece of foreign mathematics.
/// </summary>
/// <param name="Steps">Steps taken.</param>
/// <param name="Beta1Power">The rule's Beta1 of each of the steps multiplied, from 1, in order.</param>
/// <param name="Beta2Power">Likewise of Beta2.</param>
public readonly record struct OptimizerState(long Steps, double Beta1Power, double Beta2Power)
{
    /// <summary>Before the first step.</summary>
    public static OptimizerState Initial => new(0, 1, 1);

    /// <summary>The next step under this state.</summary>
    public UpdateStep Begin(IUpdateRule rule, float learningRate, float gradientScale = 1f)
    {
        OptimizerState next = After(rule);
        return new UpdateStep(Steps, learningRate, next.Beta1Power, next.Beta2Power, gradientScale);
    }

    /// <summary>The state after one more step.</summary>
    public OptimizerState After(IUpdateRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new(Steps + 1, Beta1Power * rule.Beta1At(Steps), Beta2Power * rule.Beta2);
    }
}
