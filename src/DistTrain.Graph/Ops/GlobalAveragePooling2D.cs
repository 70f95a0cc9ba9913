using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Mean over all positions of (height, width, channels), giving (channels). Backward: dx = dy / positions everywhere.</summary>
public sealed class GlobalAveragePooling2D : Op
{
    public override string Kind => "global_average_pooling2d";

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank == 3 ? new Shape(inputs[0][2]) : throw inputs.Refuse("it needs (height, width, channels)");

    public override void Forward(ForwardContext context)
    {
        Shape input = context.InputShape(0);
        Pooling.GlobalAverageForward(context.Pool, context.Rows, input[0] * input[1], input[2], context.Input(0), context.Output);
    }

    public override void Backward(BackwardContext context)
    {
        Shape input = context.InputShape(0);
        Pooling.GlobalAverageBackward(
            context.Pool, context.Rows, input[0] * input[1], input[2], context.OutputGradient, context.InputGradient(0));
    }
}
