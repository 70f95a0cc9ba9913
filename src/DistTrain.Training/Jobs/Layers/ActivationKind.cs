using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Keras' names of the activations.</summary>
public enum ActivationKind
{
    Linear,
    ReLU,
    LeakyReLU,
    GELU,
    Sigmoid,
    Tanh,
    Softmax,
    Silu,
    Elu,
    Selu,
    Softplus,
}

internal static class ActivationKinds
{
    public static Activation ToOp(this ActivationKind kind) => Activation.FromName(JobBinder.EnumName(kind.ToString()));

    /// <summary>The kind whose default options give this activation; null when it has others.</summary>
    public static ActivationKind? Of(Op? activation)
    {
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            Activation known = kind.ToOp();
            if (activation is null ? kind == ActivationKind.Linear : known.GetType() == activation.GetType() && known.ToString() == activation.ToString())
            {
                return kind;
            }
        }

        return null;
    }
}
