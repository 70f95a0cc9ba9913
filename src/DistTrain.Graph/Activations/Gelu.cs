using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = x Φ(x), Φ the normal distribution by erf (the exact form, default of Keras and PyTorch). Backward: dx = dy (Φ(x) + x φ(x)).</summary>
public sealed class Gelu : Activation
{
    public override string Kind => "gelu";

    public override BackwardReads Reads => BackwardReads.Inputs;

    public override void Forward(ForwardContext context) => Elementwise.Gelu(context.Pool, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.GeluBackward(context.Pool, context.Input(0), context.OutputGradient, context.InputGradient(0));
}
