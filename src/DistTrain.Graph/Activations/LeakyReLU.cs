using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = x &gt; 0 ? x : slope x. Backward: dx = x &gt; 0 ? dy : slope dy.</summary>
/// <param name="negativeSlope">Keras' LeakyReLU layer has 0.3, PyTorch 0.01; <see cref="Activation.LeakyReLU"/> defaults to Keras'.</param>
public sealed class LeakyReLU(float negativeSlope) : Activation
{
    public override string Kind => "leaky_relu";

    public float NegativeSlope { get; } = negativeSlope;

    public override BackwardReads Reads => BackwardReads.Inputs;

    public override void Forward(ForwardContext context) =>
        Elementwise.LeakyRelu(context.Pool, context.Input(0), NegativeSlope, context.Output);

    public override void Backward(BackwardContext context) => Elementwise.LeakyReluBackward(
        context.Pool, context.Input(0), NegativeSlope, context.OutputGradient, context.InputGradient(0));

    public override string ToString() => FormattableString.Invariant($"LeakyReLU({NegativeSlope})");
}
