using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// -t ln σ(x) - (1 - t) ln(1 - σ(x)), as max(x, 0) - x t + ln(1 + e^-|x|); the mean over n outputs. Backward: dx = (σ(x) - t) / n.
/// The metric is the share of outputs on the target's side of 0.5: σ(x) &gt; 0.5, as x &gt; 0.
/// </summary>
public sealed class BinaryCrossentropy : Loss
{
    public override string Name => "binaryCrossentropy";

    public override string MetricName => "accuracy";

    public override Activation TakenOver => Activation.Sigmoid;

    public override BackwardReads Reads => BackwardReads.Inputs;

    /// <summary>A loss for each output, and their sum.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => inputs[0].Length + 1;

    public override void Forward(ForwardContext context)
    {
        int outputs = context.InputShape(0).Length;
        ReadOnlySpan<float> x = context.Input(0), target = context.Target;
        Span<float> losses = context.Scratch[..x.Length];
        Span<float> sums = context.Scratch.Slice(x.Length, context.Rows);
        Elementwise.BinaryCrossEntropyFromLogits(context.Pool, x, target, losses);
        ClearPadding(context, losses);
        Reductions.SumCols(context.Pool, context.Rows, outputs, losses, sums);
        Span<float> statistics = context.Output;
        for (int row = 0; row < context.Rows; row++)
        {
            int correct = 0;
            for (int i = row * outputs; i < (row + 1) * outputs; i++)
            {
                correct += x[i] > 0 == target[i] > 0.5f && IsThere(context, i, x.Length) ? 1 : 0;
            }

            Record(statistics, row, sums[row] / outputs, (float)correct / outputs, Weight(context, row));
        }
    }

    public override void Backward(BackwardContext context)
    {
        int outputs = context.InputShape(0).Length;
        Span<float> dx = context.InputGradient(0);
        Elementwise.Sigmoid(context.Pool, context.Input(0), dx);
        Elementwise.Subtract(context.Pool, dx, context.Target, dx);
        if (outputs > 1)
        {
            Elementwise.Scale(context.Pool, dx, 1f / outputs, dx);
        }

        ClearPadding(context, dx);
    }
}
