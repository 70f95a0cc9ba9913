using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Keras' kernel_regularizer: a penalty of l1 Σ |w| + l2 Σ w² on a parameter, as l1 sign(w) + 2 l2 w in its averaged gradient. Losses
/// are told without it (Keras adds it to the loss it prints); PyTorch's weight_decay d is l2 = d / 2.
/// </summary>
/// <param name="L1">0 or more.</param>
/// <param name="L2">0 or more.</param>
public readonly record struct Regularizer(float L1, float L2)
{
    /// <summary>The optimizer's rule with it.</summary>
    public ParameterRule ToRule() => ParameterRule.Optimizer with { L1 = L1, L2 = 2 * L2 };
}
