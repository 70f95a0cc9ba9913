using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = x + P: a trained vector for each position of (positions, features). Backward: dP = Σ dy over samples, per slice; dx = dy.</summary>
public sealed class PositionEmbedding : Op
{
    public override string Kind => "position_embedding";

    public Initializer EmbeddingsInitializer { get; init; } = Initializer.Uniform();

    public override BackwardReads Reads => BackwardReads.None;

    public override bool BackwardInPlace => true;

    public override bool PassesMask => true;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank == 2 ? inputs[0] : throw inputs.Refuse("it needs (positions, features)");

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) => [new("embeddings", inputs[0], EmbeddingsInitializer)];

    public override void Forward(ForwardContext context) => Elementwise.AddBias(
        context.Pool, context.Rows, context.OutputShape.Length, context.Input(0), context.Parameter(0), context.Output);

    public override void BackwardParameters(BackwardContext context) => Reductions.SumRowsSliced(
        context.Pool, context.Slices(), context.OutputShape.Length, context.OutputGradient, context.ParameterGradient(0));

    /// <summary>In place this is a copy onto itself, which does nothing.</summary>
    public override void Backward(BackwardContext context) => context.OutputGradient.CopyTo(context.InputGradient(0));
}
