using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// y = W[x]: a row of a table for each token id, x (...) whole numbers from 0, W (inputDim, outputDim), y (..., outputDim).
/// Backward: dW[v] = Σ dy over the positions with id v, over samples and positions in order, per slice. Ids have no gradient.
/// </summary>
/// <param name="inputDim">Size of the vocabulary: ids are 0 to inputDim - 1.</param>
/// <param name="outputDim">Floats of a token.</param>
public sealed class Embedding(int inputDim, int outputDim) : Op
{
    public override string Kind => "embedding";

    public int InputDim { get; } = inputDim;

    public int OutputDim { get; } = outputDim;

    /// <summary>Id 0 is padding: the output carries a mask. Row 0 of the table stays, and is never used by what takes masks.</summary>
    public bool MaskZero { get; init; }

    public Initializer EmbeddingsInitializer { get; init; } = Initializer.Uniform();

    public override Mask? MakesMask => MaskZero ? new Mask(0, lastAxis: false) : null;

    public override Shape InferShape(in OpInputs inputs) =>
        InputDim < 1 || OutputDim < 1 ? throw inputs.Refuse($"its table is {InputDim} x {OutputDim}, and needs at least 1 x 1")
        : inputs[0].Rank == 0 ? throw inputs.Refuse("it needs at least one axis (positions)")
        : new Shape([.. inputs[0].Dims, OutputDim]);

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) =>
        [new("embeddings", new Shape(InputDim, OutputDim), EmbeddingsInitializer)];

    /// <exception cref="UserError">An id is not in the vocabulary; the message names its sample and position.</exception>
    public override void Forward(ForwardContext context)
    {
        ReadOnlySpan<float> ids = context.Input(0);
        if (EmbeddingTable.FirstOutside(InputDim, ids) is >= 0 and int at)
        {
            throw Outside(context, ids[at], at);
        }

        EmbeddingTable.Gather(context.Pool, InputDim, OutputDim, ids, context.Parameter(0), context.Output);
    }

    public override void BackwardParameters(BackwardContext context) => EmbeddingTable.ScatterAddSliced(
        context.Pool,
        context.Slices(context.InputShape(0).Length),
        InputDim,
        OutputDim,
        context.Input(0),
        context.OutputGradient,
        context.ParameterGradient(0));

    public override void Backward(BackwardContext context) => context.InputGradient(0).Clear();

    public override string ToString() => $"Embedding({InputDim}, {OutputDim})";

    private UserError Outside(OpContext context, float id, int at)
    {
        int positions = context.InputShape(0).Length;
        ReadOnlySpan<int> samples = context.SampleIndices;
        string where = samples.IsEmpty ? $"row {at / positions}" : $"sample {samples[at / positions]}";
        return new UserError(FormattableString.Invariant(
            $"The token id of {where} at position {at % positions} is {id}: {this} takes whole numbers from 0 to {InputDim - 1}."));
    }
}
