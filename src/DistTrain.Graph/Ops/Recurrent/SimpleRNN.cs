using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>h = tanh(x W + h U + b) (Elman 1990), or relu. Backward: <see cref="RecurrentLayer"/>.</summary>
/// <param name="units">Floats of the state.</param>
/// <param name="activation">Tanh (null) or ReLU.</param>
public sealed class SimpleRNN(int units, Activation? activation = null) : RecurrentLayer(units)
{
    public override string Kind => "simple_rnn";

    /// <summary>Of the state, part of the recurrence: unlike <see cref="Op.Activation"/> no node of its own.</summary>
    public Activation StateActivation { get; } = activation ?? Graph.Activation.Tanh;

    internal override RecurrentKind Recurrence => StateActivation is ReLU ? RecurrentKind.SimpleRelu : RecurrentKind.SimpleTanh;

    public override Shape InferShape(in OpInputs inputs) => StateActivation is Tanh or ReLU
        ? base.InferShape(inputs)
        : throw inputs.Refuse($"its activation is {StateActivation}, and can be tanh or relu");
}
