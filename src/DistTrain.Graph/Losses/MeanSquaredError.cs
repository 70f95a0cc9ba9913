using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Σ (p - t)² / n over n outputs. Backward: dp = (p - t) · (2 / n). The metric is Σ |p - t| / n.</summary>
public sealed class MeanSquaredError : Loss
{
    public override string Name => "meanSquaredError";

    public override string MetricName => "meanAbsoluteError";

    public override BackwardReads Reads => BackwardReads.Inputs;

    /// <summary>An error for each output, and the two sums.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => inputs[0].Length + 2;

    public override void Forward(ForwardContext context)
    {
        int rows = context.Rows, outputs = context.InputShape(0).Length;
        ReadOnlySpan<float> prediction = context.Input(0);
        Span<float> errors = context.Scratch[..prediction.Length];
        Span<float> squares = context.Scratch.Slice(prediction.Length, rows);
        Span<float> absolutes = context.Scratch.Slice(prediction.Length + rows, rows);
        Elementwise.SquaredDifference(context.Pool, prediction, context.Target, errors);
        ClearPadding(context, errors);
        Reductions.SumCols(context.Pool, rows, outputs, errors, squares);
        Elementwise.AbsoluteDifference(context.Pool, prediction, context.Target, errors);
        ClearPadding(context, errors);
        Reductions.SumCols(context.Pool, rows, outputs, errors, absolutes);
        Span<float> statistics = context.Output;
        for (int row = 0; row < rows; row++)
        {
            Record(statistics, row, squares[row] / outputs, absolutes[row] / outputs, Weight(context, row));
        }
    }

    public override void Backward(BackwardContext context)
    {
        Span<float> dp = context.InputGradient(0);
        Elementwise.Subtract(context.Pool, context.Input(0), context.Target, dp);
        Elementwise.Scale(context.Pool, dp, 2f / context.InputShape(0).Length, dp);
        ClearPadding(context, dp);
    }
}
