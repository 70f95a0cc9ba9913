using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>The axes of a sample in another order, as in Keras: Permute(2, 1) turns (a, b) into (b, a). Backward: the way back.</summary>
/// <param name="dims">The axes from 1 (0 is the batch): axis i of the output is axis dims[i] of the input.</param>
public sealed class Permute(params int[] dims) : Op
{
    public override string Kind => "permute";

    public IReadOnlyList<int> Dims { get; } = [.. dims];

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs)
    {
        Shape input = inputs[0];
        return Dims.Order().SequenceEqual(Enumerable.Range(1, input.Rank)) && input.Rank > 0
            ? new Shape([.. Dims.Select(dim => input[dim - 1])])
            : throw inputs.Refuse($"({string.Join(", ", Dims)}) isn't an order of its axes 1 to {input.Rank}");
    }

    public override void Forward(ForwardContext context)
    {
        Span<int> order = stackalloc int[Dims.Count];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = Dims[i] - 1;
        }

        Transposition.Apply(context.Pool, context.InputShape(0), order, context.Rows, context.Input(0), context.Output);
    }

    public override void Backward(BackwardContext context)
    {
        Span<int> order = stackalloc int[Dims.Count];
        for (int i = 0; i < order.Length; i++)
        {
            order[Dims[i] - 1] = i;
        }

        Transposition.Apply(context.Pool, context.OutputShape, order, context.Rows, context.OutputGradient, context.InputGradient(0));
    }

    public override string ToString() => $"Permute({string.Join(", ", Dims)})";
}
