using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = x σ(x) (swish). Backward: dx = dy (s (1 + x (1 - s))), s = σ(x).</summary>
public sealed class Silu : Activation
{
    public override string Kind => "silu";

    public override BackwardReads Reads => BackwardReads.Inputs;

    public override void Forward(ForwardContext context) => Elementwise.Silu(context.Pool, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.SiluBackward(context.Pool, context.Input(0), context.OutputGradient, context.InputGradient(0));
}
