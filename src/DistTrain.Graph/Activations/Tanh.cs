using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = tanh x. Backward: dx = dy (1 - y²).</summary>
public sealed class Tanh : Activation
{
    public override string Kind => "tanh";

    public override BackwardReads Reads => BackwardReads.Output;

    public override void Forward(ForwardContext context) => Elementwise.Tanh(context.Pool, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.TanhBackward(context.Pool, context.Output, context.OutputGradient, context.InputGradient(0));
}
