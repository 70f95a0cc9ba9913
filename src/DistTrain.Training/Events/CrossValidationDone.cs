namespace DistTrain.Training;

/// <summary>What the runs of a cross-validation measured, each on the fold that it had not seen.</summary>
/// <param name="Folds">How many.</param>
/// <param name="Mean">Mean of each number over the folds; all samples are counted together.</param>
/// <param name="Deviation">Root of the mean square of the differences from it, as NumPy's std.</param>
public sealed record CrossValidationDone(int Folds, EvaluationResult Mean, EvaluationResult Deviation) : TrainingEvent
{
    /// <param name="tests">One a fold, of the same metrics.</param>
    public static CrossValidationDone Of(IReadOnlyList<EvaluationResult> tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        return new CrossValidationDone(tests.Count, Combine(tests, Average), Combine(tests, Spread));
    }

    private static EvaluationResult Combine(IReadOnlyList<EvaluationResult> tests, Func<double[], double> rule) =>
        new(rule([.. tests.Select(test => test.Loss)]), tests[0].MetricName, rule([.. tests.Select(test => test.Metric)]), tests.Sum(test => test.Samples))
        {
            Metrics = [.. tests[0].Metrics.Select((metric, i) => metric with { Value = rule([.. tests.Select(test => test.Metrics[i].Value)]) })],
        };

    private static double Average(double[] values) => values.Sum() / values.Length;

    private static double Spread(double[] values)
    {
        double mean = Average(values);
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length);
    }
}
