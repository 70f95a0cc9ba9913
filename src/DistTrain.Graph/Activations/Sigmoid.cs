using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = 1 / (1 + e⁻ˣ). Backward: dx = dy y (1 - y).</summary>
public sealed class Sigmoid : Activation
{
    public override string Kind => "sigmoid";

    public override BackwardReads Reads => BackwardReads.Output;

    public override void Forward(ForwardContext context) => Elementwise.Sigmoid(context.Pool, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.SigmoidBackward(context.Pool, context.Output, context.OutputGradient, context.InputGradient(0));
}
