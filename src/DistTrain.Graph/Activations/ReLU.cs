using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = x &lt;= 0 ? +0 : x (a NaN passes). Backward: dx = y &gt; 0 ? dy : 0, so 0 at x = 0.</summary>
public sealed class ReLU : Activation
{
    public override string Kind => "relu";

    public override BackwardReads Reads => BackwardReads.Output;

    public override void Forward(ForwardContext context) => Elementwise.Relu(context.Pool, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.ReluBackward(context.Pool, context.Output, context.OutputGradient, context.InputGradient(0));
}
