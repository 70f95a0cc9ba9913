using System.Globalization;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>An evaluation for people: a line a metric, and the confusion matrix as a table.</summary>
internal static class EvaluationText
{
    /// <summary>Columns that still fit a wide terminal.</summary>
    private const int ClassesShownMax = 20;

    private const int NameCharsMax = 12;

    public static IEnumerable<string> Lines(EvaluationResult result, IReadOnlyList<string>? classNames)
    {
        foreach (MetricValue metric in result.Metrics.Where(metric => metric.Name != result.MetricName))
        {
            yield return $"  {metric.Name,-21} {Wording.Loss(metric.Value)}";
        }

        if (result.Confusion is not { Classes: <= ClassesShownMax } matrix)
        {
            yield break;
        }

        string[] names = [.. Enumerable.Range(0, matrix.Classes).Select(c => Short(classNames?[c] ?? c.ToString(CultureInfo.InvariantCulture)))];
        int first = Math.Max(names.Max(name => name.Length), "class".Length);
        int[] widths = [.. Enumerable.Range(0, matrix.Classes).Select(called =>
            Math.Max(names[called].Length, Enumerable.Range(0, matrix.Classes).Max(being => Wording.Count(matrix[being, called]).Length)))];
        yield return "";
        yield return "rows: the class; columns: what the model called it";
        yield return "class".PadRight(first) + string.Concat(names.Select((name, c) => "  " + name.PadLeft(widths[c])));
        for (int being = 0; being < matrix.Classes; being++)
        {
            yield return names[being].PadRight(first)
                + string.Concat(widths.Select((width, called) => "  " + Wording.Count(matrix[being, called]).PadLeft(width)));
        }
    }

    private static string Short(string name) => name.Length > NameCharsMax ? name[..NameCharsMax] : name;
}
