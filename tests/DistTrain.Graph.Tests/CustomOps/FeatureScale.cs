using DistTrain.Tensors;

namespace DistTrain.Graph.Tests;

/// <summary>y = x s: each feature times a trained factor. Backward: ds = Σ x dy over samples, per slice; dx = dy s.</summary>
internal sealed class FeatureScale : Op
{
    public override string Kind => "feature_scale";

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank == 1 ? inputs[0] : throw inputs.Refuse("it needs (features)");

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) => [new("scale", inputs[0], Initializer.Ones)];

    public override int ScratchPerSample(in OpInputs inputs) => inputs[0].Length;

    public override void Forward(ForwardContext context)
    {
        ReadOnlySpan<float> x = context.Input(0), s = context.Parameter(0);
        Span<float> y = context.Output;
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = x[i] * s[i % s.Length];
        }
    }

    public override void BackwardParameters(BackwardContext context)
    {
        Span<float> terms = context.Scratch;
        Elementwise.Multiply(context.Pool, context.Input(0), context.OutputGradient, terms);
        Reductions.SumRowsSliced(context.Pool, context.Slices(), context.Parameter(0).Length, terms, context.ParameterGradient(0));
    }

    public override void Backward(BackwardContext context)
    {
        ReadOnlySpan<float> dy = context.OutputGradient, s = context.Parameter(0);
        Span<float> dx = context.InputGradient(0);
        for (int i = 0; i < dy.Length; i++)
        {
            dx[i] = dy[i] * s[i % s.Length];
        }
    }
}
