using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Σ |p - t| / n over n outputs; the metric is the same. Backward: dp = sign(p - t) / n, and 0 where they are equal.</summary>
public sealed class MeanAbsoluteError : Loss
{
    public override string Name => "meanAbsoluteError";

    public override string MetricName => "meanAbsoluteError";

    public override BackwardReads Reads => BackwardReads.Inputs;

    /// <summary>An error for each output, and their sum.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => inputs[0].Length + 1;

    public override void Forward(ForwardContext context)
    {
        int rows = context.Rows, outputs = context.InputShape(0).Length;
        ReadOnlySpan<float> prediction = context.Input(0);
        Span<float> errors = context.Scratch[..prediction.Length];
        Span<float> sums = context.Scratch.Slice(prediction.Length, rows);
        Elementwise.AbsoluteDifference(context.Pool, prediction, context.Target, errors);
        ClearPadding(context, errors);
        Reductions.SumCols(context.Pool, rows, outputs, errors, sums);
        Span<float> statistics = context.Output;
        for (int row = 0; row < rows; row++)
        {
            float error = sums[row] / outputs;
            Record(statistics, row, error, error, Weight(context, row));
        }
    }

    public override void Backward(BackwardContext context)
    {
        Span<float> dp = context.InputGradient(0);
        Elementwise.SignOfDifference(context.Pool, context.Input(0), context.Target, dp);
        Elementwise.Scale(context.Pool, dp, 1f / context.InputShape(0).Length, dp);
        ClearPadding(context, dp);
    }
}
