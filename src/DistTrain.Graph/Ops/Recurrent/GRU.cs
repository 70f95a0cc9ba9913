using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Gated recurrent unit: z, r = sigmoid(x W + b + h U + b'), n = tanh(x W + b + r (h U + b')), h = z h + (1 - z) n. Gates in the order
/// z, r, n, as in Keras; PyTorch has r, z, n. Backward: <see cref="RecurrentLayer"/>.
/// </summary>
public sealed class GRU(int units) : RecurrentLayer(units)
{
    public override string Kind => "gru";

    /// <summary>
    /// The formula above, Keras' default and PyTorch's, with two biases: bias (2, 3 units). False: n = tanh(x W + b + (r h) U) and one bias.
    /// </summary>
    public bool ResetAfter { get; init; } = true;

    internal override RecurrentKind Recurrence => ResetAfter ? RecurrentKind.Gru : RecurrentKind.GruResetBefore;

    private protected override ParameterDeclaration Bias(string prefix) =>
        ResetAfter ? base.Bias(prefix) with { Shape = new Shape(2, 3 * Units) } : base.Bias(prefix);
}
