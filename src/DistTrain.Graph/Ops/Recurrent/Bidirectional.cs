using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// A recurrent layer twice, with parameters of their own: once from the first step to the last, once back, merged at each time
/// (Keras: Bidirectional). Parameters: forward_kernel, ..., then backward_kernel, .... Backward: dx = dx forward + dx backward.
/// </summary>
/// <param name="layer">Options of both directions.</param>
/// <param name="merge">Of their outputs.</param>
public sealed class Bidirectional(RecurrentLayer layer, BidirectionalMerge merge = BidirectionalMerge.Concat) : Op
{
    /// <summary>Behind what the two directions keep: for <see cref="BidirectionalMerge.Mul"/> their outputs.</summary>
    private const int FirstOutput = 2 * RecurrentPass.KeptCount;

    public override string Kind => "bidirectional";

    public RecurrentLayer Layer { get; } = layer;

    public BidirectionalMerge Merge { get; } = merge;

    public override bool TakesMask => true;

    public override bool PassesMask => Layer.ReturnSequences;

    public override Shape InferShape(in OpInputs inputs)
    {
        Shape one = Layer.GoBackwards ? throw inputs.Refuse("its layer goes backwards, and it goes both ways itself") : Layer.InferShape(inputs);
        return Merge == BidirectionalMerge.Concat ? new Shape([.. one.Dims[..^1], 2 * Layer.Units]) : one;
    }

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) =>
        [.. Layer.Declare(inputs[0][1], "forward_"), .. Layer.Declare(inputs[0][1], "backward_")];

    public override IReadOnlyList<int> KeptPerSample(in OpInputs inputs)
    {
        int output = OutputOf(inputs[0]);
        int[] outputs = Merge == BidirectionalMerge.Mul ? [output, output] : [];
        return [.. Layer.Kept(inputs[0][0]), .. Layer.Kept(inputs[0][0]), .. outputs];
    }

    /// <summary>The second direction's output, a direction's part of dy, or its dx.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => Math.Max(inputs[0].Length, OutputOf(inputs[0]));

    public override void Forward(ForwardContext context)
    {
        Span<float> y = context.Output;
        if (Merge == BidirectionalMerge.Mul)
        {
            First(context).Forward(context.Kept(FirstOutput));
            Second(context).Forward(context.Kept(FirstOutput + 1));
            Elementwise.Multiply(context.Pool, context.Kept(FirstOutput), context.Kept(FirstOutput + 1), y);
            return;
        }

        First(context).Forward(y);
        if (Merge == BidirectionalMerge.Concat)
        {
            Second(context).Forward(y);
            return;
        }

        Span<float> second = context.Scratch[..y.Length];
        Second(context).Forward(second);
        Elementwise.Add(context.Pool, y, second, y);
        if (Merge == BidirectionalMerge.Ave)
        {
            Elementwise.Scale(context.Pool, y, 0.5f, y);
        }
    }

    public override void BackwardParameters(BackwardContext context)
    {
        Span<float> dy = context.OutputGradient;
        if (Merge == BidirectionalMerge.Mul)
        {
            Span<float> part = context.Scratch[..dy.Length];
            Elementwise.Multiply(context.Pool, dy, context.Kept(FirstOutput + 1), part);
            First(context).BackwardParameters(context, part);
            Elementwise.Multiply(context.Pool, dy, context.Kept(FirstOutput), part);
            Second(context).BackwardParameters(context, part);
            return;
        }

        if (Merge == BidirectionalMerge.Ave)
        {
            Span<float> half = context.Scratch[..dy.Length];
            Elementwise.Scale(context.Pool, dy, 0.5f, half);
            dy = half;
        }

        First(context).BackwardParameters(context, dy);
        Second(context).BackwardParameters(context, dy);
    }

    public override void Backward(BackwardContext context)
    {
        Span<float> dx = context.InputGradient(0), second = context.Scratch[..dx.Length];
        First(context).Backward(dx);
        Second(context).Backward(second);
        Elementwise.Add(context.Pool, dx, second, dx);
    }

    public override string ToString() => $"Bidirectional({Layer})";

    /// <summary>Floats of one direction's output.</summary>
    private int OutputOf(Shape input) => (Layer.ReturnSequences ? input[0] : 1) * Layer.Units;

    private RecurrentPass First(OpContext context) => new(Layer, context, 0, Direction(context, 0));

    private RecurrentPass Second(OpContext context) => new(Layer, context, 1, Direction(context, 1));

    private RecurrentShape Direction(OpContext context, int direction) => new(context.Rows, context.InputShape(0)[0], Layer.Units)
    {
        Sequences = Layer.ReturnSequences,
        Reverse = direction == 1,
        OutputWidth = Merge == BidirectionalMerge.Concat ? 2 * Layer.Units : Layer.Units,
        OutputOffset = Merge == BidirectionalMerge.Concat ? direction * Layer.Units : 0,
    };
}
