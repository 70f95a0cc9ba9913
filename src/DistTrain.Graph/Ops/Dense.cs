using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// y = x W + b along the last axis, x (..., in), W (in, units), as in Keras.
/// Backward: dW = Σ xᵀ dy, db = Σ dy, over samples and positions in order, per slice; dx = dy Wᵀ.
/// </summary>
public sealed class Dense(int units, Activation? activation = null) : Op
{
    public override string Kind => "dense";

    public override bool PassesMask => true;

    public int Units { get; } = units;

    public override Activation? Activation { get; } = Activation.OrNone(activation);

    public bool UseBias { get; init; } = true;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    /// <summary>Of the kernel.</summary>
    public Regularizer KernelRegularizer { get; init; }

    public Initializer BiasInitializer { get; init; } = Initializer.Zeros;

    public override bool CanFuseRelu => true;

    public override Shape InferShape(in OpInputs inputs)
    {
        if (inputs[0].Rank == 0)
        {
            throw inputs.Refuse("it needs at least one axis (..., features)");
        }

        if (Units < 1)
        {
            throw inputs.Refuse($"it has {Units} units, and needs at least 1");
        }

        return new Shape([.. inputs[0].Dims[..^1], Units]);
    }

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs)
    {
        var kernel = new ParameterDeclaration("kernel", new Shape(inputs[0].Dims[^1], Units), KernelInitializer) { Rule = KernelRegularizer.ToRule() };
        return UseBias ? [kernel, new("bias", new Shape(Units), BiasInitializer)] : [kernel];
    }

    public override void Forward(ForwardContext context)
    {
        (int features, int positions) = Sizes(context);
        MatMul.Nn(
            context.Pool,
            context.Rows * positions,
            Units,
            features,
            context.Input(0),
            context.Parameter(0),
            context.Output,
            UseBias ? context.Parameter(1) : default,
            context.FuseRelu);
    }

    public override void BackwardParameters(BackwardContext context)
    {
        (int features, int positions) = Sizes(context);
        SliceTree slices = context.Slices(positions);
        MatMul.TnSliced(
            context.Pool, features, Units, slices, context.Input(0), context.OutputGradient, context.ParameterGradient(0));
        if (UseBias)
        {
            Reductions.SumRowsSliced(context.Pool, slices, Units, context.OutputGradient, context.ParameterGradient(1));
        }
    }

    public override void Backward(BackwardContext context)
    {
        (int features, int positions) = Sizes(context);
        MatMul.Nt(
            context.Pool, context.Rows * positions, features, Units, context.OutputGradient, context.Parameter(0), context.InputGradient(0));
    }

    public override string ToString() => $"Dense({Units})";

    private static (int Features, int Positions) Sizes(OpContext context)
    {
        Shape input = context.InputShape(0);
        int features = input[input.Rank - 1];
        return (features, input.Length / features);
    }
}
