using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Cross-correlation of each channel of (height, width, channels) with a window of its own, kernel (ky, kx, channels), plus a bias
/// (Keras: DepthwiseConv2D with depth_multiplier 1; PyTorch: Conv2d with groups = channels).
/// Backward: dW = Σ over (sample, y, x) of windows times dy, per slice; dx = Σ over windows of dy times the kernel.
/// </summary>
public sealed class DepthwiseConv2D(WindowSize kernelSize, Activation? activation = null) : Op
{
    public override string Kind => "depthwise_conv2d";

    public WindowSize KernelSize { get; } = kernelSize;

    public override Activation? Activation { get; } = Graph.Activation.OrNone(activation);

    public WindowSize Strides { get; init; } = 1;

    public Padding Padding { get; init; } = Padding.Valid;

    public bool UseBias { get; init; } = true;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public Initializer BiasInitializer { get; init; } = Initializer.Zeros;

    public override Shape InferShape(in OpInputs inputs)
    {
        WindowCheck.Require(inputs, KernelSize, Strides, Padding);
        PoolingShape shape = ShapeOf(inputs[0]);
        return new Shape(shape.OutHeight, shape.OutWidth, shape.Channels);
    }

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs)
    {
        int channels = inputs[0][2];
        var kernel = new ParameterDeclaration("kernel", new Shape(KernelSize.Height, KernelSize.Width, channels), KernelInitializer);
        return UseBias ? [kernel, new("bias", new Shape(channels), BiasInitializer)] : [kernel];
    }

    /// <summary>The kernel's gradient of each slice: there are at most as many slices as samples.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => KernelSize.Height * KernelSize.Width * inputs[0][2];

    public override void Forward(ForwardContext context)
    {
        PoolingShape shape = ShapeOf(context.InputShape(0));
        Span<float> y = context.Output;
        DepthwiseConvolution.Forward(context.Pool, shape, context.Rows, context.Input(0), context.Parameter(0), y);
        if (UseBias)
        {
            Elementwise.AddBias(context.Pool, y.Length / shape.Channels, shape.Channels, y, context.Parameter(1), y);
        }
    }

    public override void BackwardParameters(BackwardContext context)
    {
        PoolingShape shape = ShapeOf(context.InputShape(0));
        SliceTree slices = context.Slices();
        int weights = context.Parameter(0).Length;
        Span<float> leaves = context.Scratch[..(slices.PresentLeaves * weights)];
        DepthwiseConvolution.BackwardWeights(context.Pool, shape, slices, context.Input(0), context.OutputGradient, leaves);
        Reductions.SumRowsSliced(context.Pool, slices.Leaves, weights, leaves, context.ParameterGradient(0));
        if (UseBias)
        {
            SliceTree positions = context.Slices(shape.OutHeight * shape.OutWidth);
            Reductions.SumRowsSliced(context.Pool, positions, shape.Channels, context.OutputGradient, context.ParameterGradient(1));
        }
    }

    public override void Backward(BackwardContext context) => DepthwiseConvolution.BackwardData(
        context.Pool,
        ShapeOf(context.InputShape(0)),
        context.Rows,
        context.OutputGradient,
        context.Parameter(0),
        context.InputGradient(0));

    public override string ToString() => $"DepthwiseConv2D({KernelSize})";

    private PoolingShape ShapeOf(Shape x) => Padding == Padding.Same
        ? PoolingShape.Same(x[0], x[1], x[2], KernelSize.Height, KernelSize.Width, Strides.Height, Strides.Width)
        : PoolingShape.Valid(x[0], x[1], x[2], KernelSize.Height, KernelSize.Width, Strides.Height, Strides.Width);
}
