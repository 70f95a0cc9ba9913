using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// A function of a value's elements, or of its last axis. Stands as a layer of its own, or behind a Dense or Conv2D as their
/// activation: the same node, and the same bits, either way.
/// </summary>
public abstract class Activation : Op
{
    /// <summary>y = x.</summary>
    public static Activation Linear { get; } = new Linear();

    public static Activation ReLU { get; } = new ReLU();

    public static Activation Sigmoid { get; } = new Sigmoid();

    public static Activation Tanh { get; } = new Tanh();

    public static Activation Gelu { get; } = new Gelu();

    public static Activation Softmax { get; } = new Softmax();

    /// <summary>y = x σ(x).</summary>
    public static Activation Silu { get; } = new Silu();

    public static Activation Selu { get; } = new Selu();

    public static Activation Softplus { get; } = new Softplus();

    /// <summary>What <see cref="FromName"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["linear", "relu", "leakyRelu", "sigmoid", "tanh", "gelu", "softmax", "silu", "elu", "selu", "softplus"];

    public override bool PassesMask => true;

    public override bool ForwardInPlace => true;

    public override bool BackwardInPlace => true;

    /// <param name="negativeSlope">Keras' default of its LeakyReLU layer; PyTorch's is 0.01.</param>
    public static Activation LeakyReLU(float negativeSlope = 0.3f) => new LeakyReLU(negativeSlope);

    /// <param name="alpha">1 in Keras and PyTorch.</param>
    public static Activation Elu(float alpha = 1) => new Elu(alpha);

    /// <exception cref="UserError">No activation has this name.</exception>
    public static Activation FromName(string name) => name switch
    {
        "linear" => Linear,
        "relu" => ReLU,
        "leakyRelu" => LeakyReLU(),
        "sigmoid" => Sigmoid,
        "tanh" => Tanh,
        "gelu" => Gelu,
        "softmax" => Softmax,
        "silu" => Silu,
        "elu" => Elu(),
        "selu" => Selu,
        "softplus" => Softplus,
        _ => throw new UserError($"No activation is called '{name}'; there are {string.Join(", ", Names)}."),
    };

    public override Shape InferShape(in OpInputs inputs) => inputs[0];

    /// <summary>Null for linear, which needs no node.</summary>
    internal static Activation? OrNone(Activation? activation) => activation is Linear ? null : activation;
}
