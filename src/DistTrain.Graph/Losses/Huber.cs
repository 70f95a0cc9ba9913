using System.Globalization;
using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Squared near the target, straight beyond delta: (p - t)² / 2 where |p - t| is at most delta, else delta (|p - t| - delta / 2); the mean
/// over n outputs (Huber, "Robust Estimation of a Location Parameter", 1964; PyTorch's HuberLoss and Keras' Huber). Backward: dp = (p - t
/// limited to ±delta) / n. The metric is the mean absolute error.
/// </summary>
/// <param name="delta">Above 0; both libraries' default is 1.</param>
public sealed class Huber(float delta = 1) : Loss
{
    public override string Name => "huber";

    public override string MetricName => "meanAbsoluteError";

    public float Delta { get; } = delta > 0 && float.IsFinite(delta)
        ? delta
        : throw new UserError(string.Create(CultureInfo.InvariantCulture, $"huber: found delta {delta}; allowed: a number above 0"));

    public override int CellsOf(Shape prediction) => prediction.Length;

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        Elementwise.Huber(context.Pool, context.Input(0), context.Target, Delta, losses);
        Elementwise.AbsoluteDifference(context.Pool, context.Input(0), context.Target, metrics);
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        Elementwise.HuberSlope(context.Pool, context.Input(0), context.Target, Delta, dx);
        Elementwise.Scale(context.Pool, dx, 1f / context.InputShape(0).Length, dx);
    }
}
