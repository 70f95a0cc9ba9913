using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Cross-correlation of (height, width, channels) with a kernel (ky, kx, in, filters), plus a bias per filter, as in Keras.
/// Backward: dW = Σ over (sample, y, x) of the windows times dy, db = Σ dy, per slice; dx = dy correlated with the kernel turned around.
/// </summary>
public sealed class Conv2D(int filters, WindowSize kernelSize, Activation? activation = null) : Op
{
    public override string Kind => "conv2d";

    public int Filters { get; } = filters;

    public WindowSize KernelSize { get; } = kernelSize;

    public override Activation? Activation { get; } = Activation.OrNone(activation);

    public WindowSize Strides { get; init; } = 1;

    public Padding Padding { get; init; } = Padding.Valid;

    public bool UseBias { get; init; } = true;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    /// <summary>Of the kernel.</summary>
    public Regularizer KernelRegularizer { get; init; }

    public Initializer BiasInitializer { get; init; } = Initializer.Zeros;

    public override bool CanFuseRelu => true;

    public override Shape InferShape(in OpInputs inputs)
    {
        if (Filters < 1)
        {
            throw inputs.Refuse($"it has {Filters} filters, and needs at least 1");
        }

        WindowCheck.Require(inputs, KernelSize, Strides, Padding);
        ConvolutionShape shape = ShapeOf(inputs[0]);
        return new Shape(shape.OutHeight, shape.OutWidth, Filters);
    }

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs)
    {
        var shape = new Shape(KernelSize.Height, KernelSize.Width, inputs[0][2], Filters);
        var kernel = new ParameterDeclaration("kernel", shape, KernelInitializer) { Rule = KernelRegularizer.ToRule() };
        return UseBias ? [kernel, new("bias", new Shape(Filters), BiasInitializer)] : [kernel];
    }

    public override void Forward(ForwardContext context) => Convolution.Forward(
        context.Pool,
        ShapeOf(context.InputShape(0)),
        context.Rows,
        context.Input(0),
        context.Parameter(0),
        context.Output,
        UseBias ? context.Parameter(1) : default,
        context.FuseRelu);

    public override void BackwardParameters(BackwardContext context)
    {
        ConvolutionShape shape = ShapeOf(context.InputShape(0));
        Convolution.BackwardWeights(
            context.Pool, shape, context.Slices(), context.Input(0), context.OutputGradient, context.ParameterGradient(0));
        if (UseBias)
        {
            SliceTree positions = context.Slices(shape.OutHeight * shape.OutWidth);
            Reductions.SumRowsSliced(context.Pool, positions, Filters, context.OutputGradient, context.ParameterGradient(1));
        }
    }

    public override void Backward(BackwardContext context) => Convolution.BackwardData(
        context.Pool,
        ShapeOf(context.InputShape(0)),
        context.Rows,
        context.OutputGradient,
        context.Parameter(0),
        context.InputGradient(0));

    public override string ToString() => $"Conv2D({Filters}, {KernelSize})";

    private ConvolutionShape ShapeOf(Shape x) => Padding == Padding.Same
        ? ConvolutionShape.Same(x[0], x[1], x[2], Filters, KernelSize.Height, KernelSize.Width, Strides.Height, Strides.Width)
        : ConvolutionShape.Valid(x[0], x[1], x[2], Filters, KernelSize.Height, KernelSize.Width, Strides.Height, Strides.Width);
}
