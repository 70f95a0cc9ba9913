using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>What steering watches, as an index into an evaluation's means: loss, the loss's metric, then the metrics in their order.</summary>
internal static class Monitors
{
    /// <summary>Null for the loss and its own accuracy.</summary>
    public static MetricKind? KindOf(MonitorKind? monitor) => monitor is null or MonitorKind.Loss or MonitorKind.Accuracy
        ? null
        : Enum.Parse<MetricKind>(monitor.Value.ToString());

    public static MonitoredMean MeanOf(MonitorKind monitor, MetricPlan metrics)
    {
        if (KindOf(monitor) is not { } kind)
        {
            return new MonitoredMean(monitor == MonitorKind.Loss ? 0 : 1, monitor != MonitorKind.Loss);
        }

        int index = metrics.Metrics.Select(metric => metric.Kind).ToList().IndexOf(kind);
        return new MonitoredMean(Loss.StatisticCount - 1 + index, Metric.IsMaximized(kind));
    }
}
