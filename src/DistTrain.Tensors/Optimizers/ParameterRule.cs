namespace DistTrain.Tensors;

/// <summary>Who changes a parameter in a step; the default is the optimizer.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Momentum">Of running statistics: the share that stays.</param>
public readonly record struct ParameterRule(ParameterRuleKind Kind, float Momentum = 0)
{
    /// <summary>Factor of the weight's sign in the gradient, beside the run's own.</summary>
    public float L1 { get; init; }

    /// <summary>Factor of the weight in the gradient, beside the run's own.</summary>
    public float L2 { get; init; }

    /// <summary>Of runs whose steps take turns (two networks): the turn in which it changes; in others it stays.</summary>
    public int Turn { get; init; }

    /// <summary>The run's optimizer, by the gradient.</summary>
    public static ParameterRule Optimizer => default;

    /// <summary>Nobody.</summary>
    public static ParameterRule Frozen => new(ParameterRuleKind.Frozen);

    /// <summary>What takes the place of the gradient is a statistic of the step's samples, and the parameter its running average.</summary>
    public static ParameterRule RunningStatistics(float momentum) => new(ParameterRuleKind.RunningStatistics, momentum);
}
