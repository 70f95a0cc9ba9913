using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// (height, width, channels) made larger by whole factors: every pixel repeated, or bilinear between pixel centres, as in Keras and in
/// PyTorch without align_corners. Backward: each pixel gets what the outputs took from it.
/// </summary>
public sealed class UpSampling2D(WindowSize size) : Op
{
    public UpSampling2D()
        : this(2)
    {
    }

    public override string Kind => "up_sampling2d";

    /// <summary>Rows and columns for each one of the input.</summary>
    public WindowSize Size { get; } = size;

    public Interpolation Interpolation { get; init; } = Interpolation.Nearest;

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank != 3 ? throw inputs.Refuse("it needs (height, width, channels)")
        : Size.Height < 1 || Size.Width < 1 ? throw inputs.Refuse($"factors {Size} must be at least 1")
        : new Shape(inputs[0][0] * Size.Height, inputs[0][1] * Size.Width, inputs[0][2]);

    public override void Forward(ForwardContext context) =>
        UpSampling.Forward(context.Pool, ShapeOf(context.InputShape(0)), context.Rows, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) => UpSampling.Backward(
        context.Pool, ShapeOf(context.InputShape(0)), context.Rows, context.OutputGradient, context.InputGradient(0));

    public override string ToString() => $"UpSampling2D({Size})";

    private UpSamplingShape ShapeOf(Shape x) => new(x[0], x[1], x[2], Size.Height, Size.Width, Interpolation == Interpolation.Bilinear);
}
