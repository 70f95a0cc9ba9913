using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// y = x &gt; 0 ? x : α x, with a trained slope for each element of a sample (Keras), or for each place of the last axis (PyTorch's
/// num_parameters = channels). Backward: dα = Σ x dy where x ≤ 0, per slice over samples and positions; dx = x &gt; 0 ? dy : α dy.
/// </summary>
public sealed class PReLU : Op
{
    public override string Kind => "p_re_lu";

    /// <summary>One slope for each place of the last axis (Keras: shared_axes names all others).</summary>
    public bool SharedPositions { get; init; }

    /// <summary>Keras starts at 0, PyTorch at 0.25.</summary>
    public Initializer AlphaInitializer { get; init; } = Initializer.Zeros;

    public override bool ForwardInPlace => false;

    public override bool BackwardInPlace => true;

    public override bool PassesMask => true;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank > 0 ? inputs[0] : throw inputs.Refuse("it needs at least one axis");

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) =>
        [new("alpha", SharedPositions ? new Shape(inputs[0].Dims[^1]) : inputs[0], AlphaInitializer)];

    public override int ScratchPerSample(in OpInputs inputs) => inputs[0].Length;

    public override void Forward(ForwardContext context)
    {
        ReadOnlySpan<float> x = context.Input(0), alpha = context.Parameter(0);
        Elementwise.PRelu(context.Pool, x.Length / alpha.Length, alpha.Length, x, alpha, context.Output);
    }

    public override void BackwardParameters(BackwardContext context)
    {
        int slopes = context.Parameter(0).Length;
        Span<float> terms = context.Scratch;
        Elementwise.PReluSlopeTerms(context.Pool, context.Input(0), context.OutputGradient, terms);
        SliceTree rows = context.Slices(context.OutputShape.Length / slopes);
        Reductions.SumRowsSliced(context.Pool, rows, slopes, terms, context.ParameterGradient(0));
    }

    public override void Backward(BackwardContext context)
    {
        ReadOnlySpan<float> x = context.Input(0), alpha = context.Parameter(0);
        Elementwise.PReluBackward(
            context.Pool, x.Length / alpha.Length, alpha.Length, x, context.OutputGradient, alpha, context.InputGradient(0));
    }
}
