using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Means over a set.</summary>
/// <param name="Loss">Mean loss of a sample.</param>
/// <param name="MetricName">"accuracy" or "meanAbsoluteError".</param>
/// <param name="Metric">Mean metric of a sample.</param>
/// <param name="Samples">Samples, or the sum of their weights.</param>
public sealed record EvaluationResult(double Loss, string MetricName, double Metric, double Samples)
{
    /// <summary>Share of right answers, or null when the metric is another.</summary>
    public double? Accuracy => MetricName == "accuracy" ? Metric : null;

    public static EvaluationResult From(StatisticTotals totals, Loss loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return new(totals.MeanLoss, loss.MetricName, totals.MeanMetric, totals.Weight);
    }
}
