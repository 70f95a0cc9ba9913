using DistTrain.Tensors;
using Kernel = DistTrain.Tensors.Softmax;

namespace DistTrain.Graph;

/// <summary>
/// -ln softmax(x)[t] along the last axis, as ln Σ e^(x - max) - (x[t] - max); the mean over the positions before that axis, if there are any.
/// Backward: dx = (softmax(x) - onehot(t)) / positions. The metric is the share of positions whose first largest x is at t.
/// </summary>
public sealed class SparseCategoricalCrossentropy : Loss
{
    public override string Name => "sparseCategoricalCrossentropy";

    public override string MetricName => "accuracy";

    public override Activation TakenOver => Activation.Softmax;

    public override BackwardReads Reads => BackwardReads.Inputs;

    /// <summary>One class number per position: the prediction's shape without its last axis, and (1) for a single axis.</summary>
    public override Shape TargetShape(Shape prediction) => prediction.Rank > 1 ? new Shape(prediction.Dims[..^1]) : new Shape(1);

    public override Shape InferShape(in OpInputs inputs) => inputs[0].Rank > 0 && inputs[0].Dims[^1] > 1
        ? new Shape(StatisticCount)
        : throw inputs.Refuse("it needs two classes or more along the last axis");

    /// <summary>The probabilities, a loss for each position, and their sum.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => inputs[0].Length + TargetShape(inputs[0]).Length + 1;

    public override void Forward(ForwardContext context)
    {
        (int classes, int positions) = Sizes(context);
        int count = context.Rows * positions;
        ReadOnlySpan<float> x = context.Input(0), target = context.Target;
        Span<float> scratch = context.Scratch;
        Span<float> losses = scratch.Slice(x.Length, count);
        Span<float> sums = positions == 1 ? losses : scratch.Slice(x.Length + count, context.Rows);
        CheckClasses(target, classes, context, positions);
        SoftmaxCrossEntropy.Forward(context.Pool, count, classes, x, target, losses, probabilities: scratch[..x.Length]);
        ClearPadding(context, losses);
        if (positions > 1)
        {
            Reductions.SumCols(context.Pool, context.Rows, positions, losses, sums);
        }

        Span<float> statistics = context.Output;
        for (int row = 0; row < context.Rows; row++)
        {
            int correct = 0;
            for (int i = row * positions; i < (row + 1) * positions; i++)
            {
                correct += IsThere(context, i, count) && FirstMaximum(x.Slice(i * classes, classes)) == (int)target[i] ? 1 : 0;
            }

            Record(statistics, row, sums[row] / positions, (float)correct / positions, Weight(context, row));
        }
    }

    public override void Backward(BackwardContext context)
    {
        (int classes, int positions) = Sizes(context);
        int count = context.Rows * positions;
        ReadOnlySpan<float> target = context.Target;
        Span<float> dx = context.InputGradient(0);
        Kernel.Forward(context.Pool, count, classes, context.Input(0), dx);
        for (int i = 0; i < count; i++)
        {
            dx[(i * classes) + (int)target[i]] -= 1;
        }

        if (positions > 1)
        {
            Elementwise.Scale(context.Pool, dx, 1f / positions, dx);
        }

        ClearPadding(context, dx);
    }

    private static (int Classes, int Positions) Sizes(OpContext context)
    {
        Shape shape = context.InputShape(0);
        int classes = shape[shape.Rank - 1];
        return (classes, shape.Length / classes);
    }

    /// <exception cref="UserError">A target is no class; the message names the sample.</exception>
    private static void CheckClasses(ReadOnlySpan<float> target, int classes, OpContext context, int positions)
    {
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] == (int)target[i] && (uint)(int)target[i] < (uint)classes)
            {
                continue;
            }

            ReadOnlySpan<int> samples = context.SampleIndices;
            string where = samples.IsEmpty ? $"row {i / positions}" : $"sample {samples[i / positions]}";
            throw new UserError(FormattableString.Invariant(
                $"The target of {where} is {target[i]}: with {classes} outputs, sparseCategoricalCrossentropy takes classes 0 to {classes - 1}."));
        }
    }

    private static int FirstMaximum(ReadOnlySpan<float> x)
    {
        int best = 0;
        for (int i = 1; i < x.Length; i++)
        {
            best = x[i] > x[best] ? i : best;
        }

        return best;
    }
}
