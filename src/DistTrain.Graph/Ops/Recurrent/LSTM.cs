using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Long short-term memory: i, f, o = sigmoid(x W + h U + b), g = tanh(x W + h U + b), c = f c + i g, h = o tanh c. Gates in the order
/// i, f, g, o, as in Keras (there c for g) and PyTorch, whose two biases are one here. Backward: <see cref="RecurrentLayer"/>.
/// </summary>
public sealed class LSTM(int units) : RecurrentLayer(units)
{
    public override string Kind => "lstm";

    /// <summary>The forget gate's bias starts at 1 (Jozefowicz et al. 2015), Keras' default.</summary>
    public bool UnitForgetBias { get; init; } = true;

    internal override RecurrentKind Recurrence => RecurrentKind.Lstm;

    private protected override ParameterDeclaration Bias(string prefix) =>
        UnitForgetBias ? base.Bias(prefix) with { Initializer = new UnitForget(BiasInitializer) } : base.Bias(prefix);
}
