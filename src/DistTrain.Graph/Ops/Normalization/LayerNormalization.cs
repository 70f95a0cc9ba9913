using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Along the last axis y = γ (x - mean) / √(variance + ε) + β (Ba et al., 2016), variance divided by n.
/// Backward: dγ = Σ dy h, dβ = Σ dy, per slice over samples and positions, h the normalised x; dx = (g - mean g - h mean(g h)) / √(variance + ε), g = γ dy.
/// </summary>
public sealed class LayerNormalization : Op
{
    /// <summary>Keras' default; PyTorch's is 1e-5.</summary>
    public const float KerasEpsilon = 1e-3f;

    public override string Kind => "layer_normalization";

    public float Epsilon { get; init; } = KerasEpsilon;

    /// <summary>With β.</summary>
    public bool Center { get; init; } = true;

    /// <summary>With γ.</summary>
    public bool Scale { get; init; } = true;

    public override bool BackwardInPlace => true;

    public override bool PassesMask => true;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank == 0 ? throw inputs.Refuse("it needs at least one axis (..., features)")
        : !(Epsilon > 0) ? throw inputs.Refuse($"epsilon {Epsilon} must be above 0")
        : inputs[0];

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs)
    {
        var shape = new Shape(inputs[0].Dims[^1]);
        var gamma = new ParameterDeclaration("gamma", shape, Initializer.Ones);
        var beta = new ParameterDeclaration("beta", shape, Initializer.Zeros);
        return (Scale, Center) switch
        {
            (true, true) => [gamma, beta],
            (true, false) => [gamma],
            (false, true) => [beta],
            _ => [],
        };
    }

    /// <summary>What each element adds to the gradient of γ.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => Scale ? inputs[0].Length : 0;

    public override void Forward(ForwardContext context)
    {
        (int rows, int cols) = Sizes(context);
        LayerNorm.Forward(
            context.Pool,
            rows,
            cols,
            context.Input(0),
            Gamma(context),
            Center ? context.Parameter(Scale ? 1 : 0) : default,
            Epsilon,
            context.Output);
    }

    public override void BackwardParameters(BackwardContext context)
    {
        (int rows, int cols) = Sizes(context);
        SliceTree slices = context.Slices(rows / context.Rows);
        if (Scale)
        {
            Span<float> terms = context.Scratch;
            LayerNorm.GainTerms(context.Pool, rows, cols, context.Input(0), context.OutputGradient, Epsilon, terms);
            Reductions.SumRowsSliced(context.Pool, slices, cols, terms, context.ParameterGradient(0));
        }

        if (Center)
        {
            Reductions.SumRowsSliced(context.Pool, slices, cols, context.OutputGradient, context.ParameterGradient(Scale ? 1 : 0));
        }
    }

    public override void Backward(BackwardContext context)
    {
        (int rows, int cols) = Sizes(context);
        LayerNorm.BackwardData(
            context.Pool, rows, cols, context.Input(0), context.OutputGradient, Gamma(context), Epsilon, context.InputGradient(0));
    }

    private static (int Rows, int Cols) Sizes(OpContext context)
    {
        Shape shape = context.OutputShape;
        int cols = shape[shape.Rank - 1];
        return (context.Rows * (shape.Length / cols), cols);
    }

    private ReadOnlySpan<float> Gamma(OpContext context) => Scale ? context.Parameter(0) : default;
}
