namespace DistTrain.Tensors;

/// <summary>Kinds of <see cref="ParameterRule"/>.</summary>
public enum ParameterRuleKind
{
    Optimizer,
    RunningStatistics,
    Frozen,
}
