using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Maximum over each window and channel. Backward: dy goes to the first maximum of the window in (y, x) order.</summary>
public sealed class MaxPooling2D(WindowSize poolSize) : Pooling2D(poolSize)
{
    public MaxPooling2D()
        : this(2)
    {
    }

    public override string Kind => "max_pooling2d";

    public override BackwardReads Reads => BackwardReads.Inputs | BackwardReads.Output;

    public override void Forward(ForwardContext context) =>
        Pooling.MaxForward(context.Pool, ShapeOf(context.InputShape(0)), context.Rows, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) => Pooling.MaxBackward(
        context.Pool,
        ShapeOf(context.InputShape(0)),
        context.Rows,
        context.Input(0),
        context.Output,
        context.OutputGradient,
        context.InputGradient(0));
}
