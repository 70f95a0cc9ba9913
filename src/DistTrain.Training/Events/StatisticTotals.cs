using System.Text.Json.Serialization;
using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Sums over many batches, in double precision, batches in order (docs/numerics.md, order of operations).</summary>
/// <param name="Loss">Σ loss.</param>
/// <param name="Metric">Σ metric: right answers, or absolute errors.</param>
/// <param name="Weight">Σ weight: samples.</param>
public readonly record struct StatisticTotals(double Loss, double Metric, double Weight)
{
    [JsonIgnore]
    public double MeanLoss => Loss / Weight;

    [JsonIgnore]
    public double MeanMetric => Metric / Weight;

    /// <summary>With the tree sums of one more batch.</summary>
    /// <param name="sums">In the columns of <see cref="Graph.Loss"/>.</param>
    public StatisticTotals Plus(ReadOnlySpan<float> sums) =>
        new(Loss + sums[Graph.Loss.LossColumn], Metric + sums[Graph.Loss.MetricColumn], Weight + sums[Graph.Loss.WeightColumn]);
}
