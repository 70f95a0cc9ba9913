using DistTrain.Graph;
using DistTrain.Tensors;

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

    /// <summary>What was measured besides, in the order of <see cref="MetricKind"/>; nothing over training steps.</summary>
    public IReadOnlyList<MetricValue> Metrics { get; init; } = [];

    /// <summary>Null where nobody asked, or the loss is not about classes.</summary>
    public ConfusionMatrix? Confusion { get; init; }

    /// <summary>A metric by its kind.</summary>
    /// <exception cref="ArgumentException">It was not measured.</exception>
    public double this[MetricKind kind]
    {
        get
        {
            string name = JobBinder.EnumName(kind.ToString());
            foreach (MetricValue metric in Metrics)
            {
                if (metric.Name == name)
                {
                    return metric.Value;
                }
            }

            throw new ArgumentException($"{name} was not measured, only {string.Join(", ", Metrics.Select(metric => metric.Name))}.", nameof(kind));
        }
    }

    public static EvaluationResult From(StatisticTotals totals, Loss loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return new(totals.MeanLoss, loss.MetricName, totals.MeanMetric, totals.Weight);
    }

    /// <summary>Of an evaluation's sums.</summary>
    /// <param name="sums">Loss, its metric, then those of the plan.</param>
    /// <param name="weightSum">What loss and metric are divided by.</param>
    /// <param name="loss">Names its metric.</param>
    /// <param name="metrics">What was summed; null: nothing besides.</param>
    public static EvaluationResult From(IReadOnlyList<double> sums, double weightSum, Loss loss, MetricPlan? metrics)
    {
        ArgumentNullException.ThrowIfNull(sums);
        EvaluationResult result = From(new StatisticTotals(sums[0], sums[1], weightSum), loss);
        return metrics is null ? result : result with
        {
            Metrics = [.. metrics.Metrics.Select(metric => new MetricValue(JobBinder.EnumName(metric.Kind.ToString()), metric.Value(sums, weightSum)))],
            Confusion = metrics.Confusion < 0 ? null
                : new ConfusionMatrix(metrics.Classes, [.. sums.Skip(metrics.Confusion).Take(metrics.Classes * metrics.Classes)]),
        };
    }

    /// <summary>The same numbers.</summary>
    public bool Equals(EvaluationResult? other) =>
        other is not null && Loss.Equals(other.Loss) && MetricName == other.MetricName && Metric.Equals(other.Metric)
        && Samples.Equals(other.Samples) && Metrics.SequenceEqual(other.Metrics) && Equals(Confusion, other.Confusion);

    public override int GetHashCode() => Loss.GetHashCode();
}
