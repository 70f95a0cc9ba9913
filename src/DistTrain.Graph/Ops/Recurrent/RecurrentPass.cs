using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>One direction of a recurrent layer in one call.</summary>
/// <param name="layer">Its formulas.</param>
/// <param name="context">Of the call.</param>
/// <param name="direction">0, or 1 for the second direction of a node: its parameters and what it keeps follow the first's.</param>
/// <param name="shape">Sizes and layout of the output.</param>
internal readonly ref struct RecurrentPass(RecurrentLayer layer, OpContext context, int direction, RecurrentShape shape)
{
    /// <summary>What one direction keeps: gates, previous states, and what its kind has besides.</summary>
    public const int KeptCount = 3;

    private readonly RecurrentLayer layer = layer;
    private readonly OpContext context = context;
    private readonly RecurrentShape shape = shape;
    private readonly int firstParameter = direction * (layer.UseBias ? 3 : 2);
    private readonly int firstKept = direction * KeptCount;

    private int Columns => RecurrentSizes.Of(layer.Recurrence).Gates * layer.Units;

    private int Features => context.InputShape(0)[1];

    private ReadOnlySpan<float> Kernel => context.Parameter(firstParameter);

    private ReadOnlySpan<float> RecurrentKernel => context.Parameter(firstParameter + 1);

    private ReadOnlySpan<float> Mask => context.HasMask() ? context.Mask() : default;

    private Span<float> Gates => context.Kept(firstKept);

    private Span<float> Previous => context.Kept(firstKept + 1);

    private Span<float> Extra => context.Kept(firstKept + 2);

    public void Forward(Span<float> y)
    {
        ReadOnlySpan<float> bias = layer.UseBias ? context.Parameter(firstParameter + 2) : default;
        ReadOnlySpan<float> input = bias.IsEmpty ? bias : bias[..Columns], recurrent = bias.IsEmpty ? bias : bias[Columns..];
        MatMul.Nn(context.Pool, shape.Rows * shape.Steps, Columns, Features, context.Input(0), Kernel, Gates, input);
        Recurrent.Forward(context.Pool, layer.Recurrence, shape, RecurrentKernel, recurrent, Mask, Gates, Previous, Extra, y);
    }

    public void BackwardParameters(BackwardContext backward, ReadOnlySpan<float> dy)
    {
        Recurrent.Backward(context.Pool, layer.Recurrence, shape, RecurrentKernel, Mask, Gates, Previous, Extra, dy);
        SliceTree slices = backward.Slices(shape.Steps);
        MatMul.TnSliced(context.Pool, Features, Columns, slices, context.Input(0), Gates, backward.ParameterGradient(firstParameter));
        Span<float> gradient = backward.ParameterGradient(firstParameter + 1);
        ReadOnlySpan<float> products = layer.Recurrence == RecurrentKind.Gru ? Extra : Gates;
        MatMul.TnSliced(context.Pool, layer.Units, Columns, slices, Previous, products, gradient);
        if (layer.Recurrence == RecurrentKind.GruResetBefore)
        {
            ResetGradient(slices, gradient);
        }

        if (layer.UseBias)
        {
            Span<float> bias = backward.ParameterGradient(firstParameter + 2);
            Reductions.SumRowsSliced(context.Pool, slices, Columns, Gates, bias[..Columns]);
            if (bias.Length > Columns)
            {
                Reductions.SumRowsSliced(context.Pool, slices, Columns, products, bias[Columns..]);
            }
        }
    }

    public void Backward(Span<float> dx) =>
        MatMul.Nt(context.Pool, shape.Rows * shape.Steps, Features, Columns, Gates, Kernel, dx);

    /// <summary>The last gate's columns are a product with the reset state in place of the state.</summary>
    private void ResetGradient(SliceTree slices, Span<float> gradient)
    {
        int units = layer.Units, columns = Columns;
        float[] whole = System.Buffers.ArrayPool<float>.Shared.Rent(units * columns);
        MatMul.TnSliced(context.Pool, units, columns, slices, Extra, Gates, whole.AsSpan(0, units * columns));
        for (int i = 0; i < units; i++)
        {
            int last = (i * columns) + columns - units;
            whole.AsSpan(last, units).CopyTo(gradient[last..]);
        }

        System.Buffers.ArrayPool<float>.Shared.Return(whole);
    }
}
