using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Σ (p - t)² / n over n outputs. Backward: dp = (p - t) · (2 / n). The metric is Σ |p - t| / n.</summary>
public sealed class MeanSquaredError : Loss
{
    public override string Name => "meanSquaredError";

    public override string MetricName => "meanAbsoluteError";

    public override int CellsOf(Shape prediction) => prediction.Length;

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        Elementwise.SquaredDifference(context.Pool, context.Input(0), context.Target, losses);
        Elementwise.AbsoluteDifference(context.Pool, context.Input(0), context.Target, metrics);
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        Elementwise.Subtract(context.Pool, context.Input(0), context.Target, dx);
        Elementwise.Scale(context.Pool, dx, 2f / context.InputShape(0).Length, dx);
    }
}
