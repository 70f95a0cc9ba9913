using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Mean over each window and channel, padding not counted (Keras). Backward: each element of the window gets dy / count.</summary>
public sealed class AveragePooling2D(WindowSize poolSize) : Pooling2D(poolSize)
{
    public AveragePooling2D()
        : this(2)
    {
    }

    public override string Kind => "average_pooling2d";

    public override BackwardReads Reads => BackwardReads.None;

    public override void Forward(ForwardContext context) =>
        Pooling.AverageForward(context.Pool, ShapeOf(context.InputShape(0)), context.Rows, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) => Pooling.AverageBackward(
        context.Pool, ShapeOf(context.InputShape(0)), context.Rows, context.OutputGradient, context.InputGradient(0));
}
