using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = 1.05070099 (x &gt; 0 ? x : 1.67326319 (eˣ - 1)): keeps mean 0 and variance 1. Backward: dx = dy times the slope.</summary>
public sealed class Selu : Activation
{
    public override string Kind => "selu";

    public override BackwardReads Reads => BackwardReads.Inputs;

    public override void Forward(ForwardContext context) => Elementwise.Selu(context.Pool, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.SeluBackward(context.Pool, context.Input(0), context.OutputGradient, context.InputGradient(0));
}
