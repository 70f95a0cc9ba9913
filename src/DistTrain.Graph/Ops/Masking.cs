using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Says which positions of (..., positions, features) are padding: those of which every feature is <see cref="MaskValue"/>. y = x with
/// a mask, which recurrent layers, attention, pooling over positions and the loss take into account (Keras: Masking).
/// </summary>
/// <remarks>Unlike Keras', y keeps the values of padding: what takes a mask never looks at them.</remarks>
public sealed class Masking(float maskValue = 0) : View
{
    public override string Kind => "masking";

    public float MaskValue { get; } = maskValue;

    public override Mask MakesMask => new(MaskValue, lastAxis: true);

    public override Shape InferShape(in OpInputs inputs) => inputs[0];

    public override string ToString() => FormattableString.Invariant($"Masking({MaskValue})");
}
