using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = ln(1 + eˣ). Backward: dx = dy σ(x).</summary>
public sealed class Softplus : Activation
{
    public override string Kind => "softplus";

    public override BackwardReads Reads => BackwardReads.Inputs;

    public override void Forward(ForwardContext context) => Elementwise.Softplus(context.Pool, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.SoftplusBackward(context.Pool, context.Input(0), context.OutputGradient, context.InputGradient(0));
}
