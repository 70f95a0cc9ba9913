using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Cross-correlation of (steps, channels) with a kernel (window, in, filters), plus a bias per filter, as in Keras: the arithmetic of
/// <see cref="Conv2D"/> on a picture of one row.
/// </summary>
public sealed class Conv1D(int filters, int kernelSize, Activation? activation = null) : Op
{
    public override string Kind => "conv1d";

    public int Filters { get; } = filters;

    public int KernelSize { get; } = kernelSize;

    public override Activation? Activation { get; } = Graph.Activation.OrNone(activation);

    public int Strides { get; init; } = 1;

    public SequencePadding Padding { get; init; } = SequencePadding.Valid;

    public bool UseBias { get; init; } = true;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public Initializer BiasInitializer { get; init; } = Initializer.Zeros;

    public override bool CanFuseRelu => true;

    public override Shape InferShape(in OpInputs inputs)
    {
        if (inputs[0].Rank != 2)
        {
            throw inputs.Refuse("it needs (steps, channels)");
        }

        if (Filters < 1 || KernelSize < 1 || Strides < 1)
        {
            throw inputs.Refuse($"{Filters} filters, window {KernelSize} and stride {Strides} must be at least 1");
        }

        return Padding == SequencePadding.Valid && inputs[0][0] < KernelSize
            ? throw inputs.Refuse($"a window of {KernelSize} doesn't fit in it; padding 'same' would make it fit")
            : new Shape(ShapeOf(inputs[0]).OutWidth, Filters);
    }

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs)
    {
        var kernel = new ParameterDeclaration("kernel", new Shape(KernelSize, inputs[0][1], Filters), KernelInitializer);
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
            Reductions.SumRowsSliced(
                context.Pool, context.Slices(shape.OutWidth), Filters, context.OutputGradient, context.ParameterGradient(1));
        }
    }

    public override void Backward(BackwardContext context) => Convolution.BackwardData(
        context.Pool,
        ShapeOf(context.InputShape(0)),
        context.Rows,
        context.OutputGradient,
        context.Parameter(0),
        context.InputGradient(0));

    public override string ToString() => $"Conv1D({Filters}, {KernelSize})";

    private ConvolutionShape ShapeOf(Shape x) => Padding switch
    {
        SequencePadding.Same => ConvolutionShape.Same(1, x[0], x[1], Filters, 1, KernelSize, 1, Strides),
        SequencePadding.Causal => new ConvolutionShape(1, x[0], x[1], Filters, 1, KernelSize, 1, Strides, PadLeft: KernelSize - 1),
        _ => ConvolutionShape.Valid(1, x[0], x[1], Filters, 1, KernelSize, 1, Strides),
    };
}
