using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Σ |p - t| / n over n outputs; the metric is the same. Backward: dp = sign(p - t) / n, and 0 where they are equal.</summary>
public sealed class MeanAbsoluteError : Loss
{
    public override string Name => "meanAbsoluteError";

    public override string MetricName => "meanAbsoluteError";

    public override int CellsOf(Shape prediction) => prediction.Length;

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        Elementwise.AbsoluteDifference(context.Pool, context.Input(0), context.Target, losses);
        losses.CopyTo(metrics);
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        Elementwise.SignOfDifference(context.Pool, context.Input(0), context.Target, dx);
        Elementwise.Scale(context.Pool, dx, 1f / context.InputShape(0).Length, dx);
    }
}
