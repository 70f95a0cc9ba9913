using System.Globalization;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>Numbers and results as people read them; never in a culture's own way.</summary>
internal static class Wording
{
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Loss(double value) => value.ToString(value is >= 1000 or (> 0 and < 0.001) ? "0.000E+0" : "0.0000", CultureInfo.InvariantCulture);

    public static string Seconds(double seconds) => seconds < 60
        ? seconds.ToString("0.0 's'", CultureInfo.InvariantCulture)
        : Clock(seconds);

    /// <summary>1:05, or 2:00:00.</summary>
    public static string Clock(double seconds)
    {
        if (!double.IsFinite(seconds))
        {
            return "-";
        }

        TimeSpan time = TimeSpan.FromSeconds(Math.Min(Math.Round(seconds), 359_999));
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
    }

    /// <summary>"loss 0.1234, accuracy 0.9700".</summary>
    public static string Of(EvaluationResult result) => $"loss {Loss(result.Loss)}, {Metric(result.MetricName)} {Loss(result.Metric)}";

    /// <summary>", f1 0.9100, rocAuc 0.9700": what was measured besides.</summary>
    public static string More(EvaluationResult result) =>
        string.Concat(result.Metrics.Where(metric => metric.Name != result.MetricName).Select(metric => $", {metric.Name} {Loss(metric.Value)}"));

    /// <summary>"loss 0.4432 ± 0.0312, accuracy 0.8182 ± 0.0212": means over folds, with their deviations.</summary>
    public static string Of(CrossValidationDone done)
    {
        string first = $"loss {Spread(done.Mean.Loss, done.Deviation.Loss)}, {Metric(done.Mean.MetricName)} {Spread(done.Mean.Metric, done.Deviation.Metric)}";
        return first + string.Concat(done.Mean.Metrics.Zip(done.Deviation.Metrics)
            .Where(pair => pair.First.Name != done.Mean.MetricName).Select(pair => $", {pair.First.Name} {Spread(pair.First.Value, pair.Second.Value)}"));
    }

    private static string Spread(double mean, double deviation) => $"{Loss(mean)} ± {Loss(deviation)}";

    public static string Metric(string name) => name == "meanAbsoluteError" ? "mean absolute error" : name;

    /// <summary>"1 worker", "2 workers".</summary>
    public static string Number(int count, string what) => $"{Count(count)} {what}{(count == 1 ? "" : "s")}";
}
