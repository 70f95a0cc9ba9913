using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// The convolution whose result would be x, turned around: y is what its data gradient would be for dy = x, plus a bias (Keras:
/// Conv2DTranspose; kernel (ky, kx, filters, in)). So forward is a convolution's data gradient, and the data gradient a convolution.
/// </summary>
/// <remarks>Valid: out = (in - 1) stride + max(kernel, stride). Same: out = in stride. PyTorch's padding 0 is valid.</remarks>
public sealed class Conv2DTranspose(int filters, WindowSize kernelSize, Activation? activation = null) : Op
{
    public override string Kind => "conv2d_transpose";

    public int Filters { get; } = filters;

    public WindowSize KernelSize { get; } = kernelSize;

    public override Activation? Activation { get; } = Graph.Activation.OrNone(activation);

    public WindowSize Strides { get; init; } = 1;

    public Padding Padding { get; init; } = Padding.Valid;

    public bool UseBias { get; init; } = true;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public Initializer BiasInitializer { get; init; } = Initializer.Zeros;

    public override Shape InferShape(in OpInputs inputs)
    {
        if (inputs[0].Rank != 3)
        {
            throw inputs.Refuse("it needs (height, width, channels)");
        }

        if (Filters < 1 || KernelSize.Height < 1 || KernelSize.Width < 1 || Strides.Height < 1 || Strides.Width < 1)
        {
            throw inputs.Refuse($"{Filters} filters, window {KernelSize} and strides {Strides} must be at least 1");
        }

        return new Shape(
            Size(inputs[0][0], KernelSize.Height, Strides.Height), Size(inputs[0][1], KernelSize.Width, Strides.Width), Filters);
    }

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs)
    {
        var shape = new Shape(KernelSize.Height, KernelSize.Width, Filters, inputs[0][2]);
        var kernel = new ParameterDeclaration("kernel", shape, KernelInitializer);
        return UseBias ? [kernel, new("bias", new Shape(Filters), BiasInitializer)] : [kernel];
    }

    public override void Forward(ForwardContext context)
    {
        ConvolutionShape shape = ShapeOf(context);
        Span<float> y = context.Output;
        Convolution.BackwardData(context.Pool, shape, context.Rows, context.Input(0), context.Parameter(0), y);
        if (UseBias)
        {
            Elementwise.AddBias(context.Pool, y.Length / Filters, Filters, y, context.Parameter(1), y);
        }
    }

    public override void BackwardParameters(BackwardContext context)
    {
        ConvolutionShape shape = ShapeOf(context);
        Convolution.BackwardWeights(
            context.Pool, shape, context.Slices(), context.OutputGradient, context.Input(0), context.ParameterGradient(0));
        if (UseBias)
        {
            Reductions.SumRowsSliced(
                context.Pool, context.Slices(shape.InHeight * shape.InWidth), Filters, context.OutputGradient, context.ParameterGradient(1));
        }
    }

    public override void Backward(BackwardContext context) => Convolution.Forward(
        context.Pool, ShapeOf(context), context.Rows, context.OutputGradient, context.Parameter(0), context.InputGradient(0));

    public override string ToString() => $"Conv2DTranspose({Filters}, {KernelSize})";

    /// <summary>Of the convolution that is turned around: its input is y, its output x.</summary>
    private ConvolutionShape ShapeOf(OpContext context)
    {
        Shape x = context.InputShape(0), y = context.OutputShape;
        return Padding == Padding.Same
            ? ConvolutionShape.Same(y[0], y[1], Filters, x[2], KernelSize.Height, KernelSize.Width, Strides.Height, Strides.Width)
            : ConvolutionShape.Valid(y[0], y[1], Filters, x[2], KernelSize.Height, KernelSize.Width, Strides.Height, Strides.Width);
    }

    private int Size(int input, int kernel, int stride) =>
        Padding == Padding.Same ? input * stride : ((input - 1) * stride) + Math.Max(kernel, stride);
}
