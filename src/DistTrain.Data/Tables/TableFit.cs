using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// What is fitted on the training rows of a table: fills of missing cells, then mean and deviation, or smallest and largest, with the
/// fills in place. Sums in double precision, rows ascending. A column that never changes gets divisor 1.
/// </summary>
internal static class TableFit
{
    private const int RowsAtOnce = 1024;

    /// <param name="table">All rows.</param>
    /// <param name="train">Indices of the training rows, ascending.</param>
    /// <param name="options">What is to be done.</param>
    public static TableColumn[] Columns(RawTable table, int[] train, TableOptions options)
    {
        int features = table.Layout.Features.Length;
        Summary[] summaries = Summarize(table, train, null);
        float?[] fills = new float?[features];
        for (int i = 0; i < features; i++)
        {
            fills[i] = Fill(table, train, i, summaries[i], options);
        }

        double[] means = [.. summaries.Take(features).Select((summary, i) => (summary.Sum + (summary.Missing * (double)(fills[i] ?? 0))) / train.Length)];
        Summary[] spread = Summarize(table, train, means);
        return [.. Enumerable.Range(0, features).Select(i => Column(table, i, fills[i], means[i], summaries[i], spread[i], train.Length, options.Scale))];
    }

    /// <summary>Mean and deviation of the target numbers of the training rows.</summary>
    public static TargetScaling Target(RawTable table, int[] train)
    {
        int target = table.Target;
        double mean = Summarize(table, train, null)[target].Sum / train.Length;
        double[] means = new double[table.Width];
        means[target] = mean;
        return Scaling(mean, Math.Sqrt(Summarize(table, train, means)[target].Sum / train.Length));
    }

    private static TargetScaling Scaling(double mean, double deviation) => new((float)mean, (float)deviation > 0 ? (float)deviation : 1);

    private static TableColumn Column(
        RawTable table, int column, float? fill, double mean, Summary summary, Summary spread, int rows, ColumnScale scale)
    {
        string name = table.Layout.Names[table.Layout.Features[column]];
        if (table.Kinds[column] == ColumnKind.Category)
        {
            return new TableColumn { Name = name, Kind = ColumnKind.Category, Fill = fill, Categories = table.Texts[column] };
        }

        (float offset, float divisor) = (0, 1);
        if (scale == ColumnScale.Standard)
        {
            double distance = (fill ?? 0) - mean;
            offset = (float)mean;
            divisor = (float)Math.Sqrt((spread.Sum + (summary.Missing * distance * distance)) / rows);
        }
        else if (scale == ColumnScale.MinMax)
        {
            bool counts = summary.Missing > 0 && fill is not null;
            float smallest = counts ? Math.Min(summary.Smallest, fill!.Value) : summary.Smallest;
            offset = smallest;
            divisor = (counts ? Math.Max(summary.Largest, fill!.Value) : summary.Largest) - smallest;
        }

        return new TableColumn { Name = name, Kind = ColumnKind.Number, Fill = fill, Offset = offset, Divisor = divisor > 0 && float.IsFinite(divisor) ? divisor : 1 };
    }

    private static float? Fill(RawTable table, int[] train, int column, Summary summary, TableOptions options)
    {
        bool isCategory = table.Kinds[column] == ColumnKind.Category;
        if (options.Missing is MissingCells.Drop or MissingCells.Refuse)
        {
            return null;
        }

        if (options.Missing == MissingCells.Constant)
        {
            return isCategory ? -1 : options.Constant;
        }

        if (summary.Missing == train.Length)
        {
            int where = table.Layout.Features[column];
            throw new UserError($"{table.Name}: column {where + 1} \"{table.Layout.Names[where]}\": has no value in the training part; allowed: the column named in drop, or missing: constant");
        }

        return isCategory || options.Missing == MissingCells.MostFrequent ? MostFrequent(Values(table, train, column))
            : options.Missing == MissingCells.Median ? Middle(Values(table, train, column))
            : (float)(summary.Sum / (train.Length - summary.Missing));
    }

    private static Summary[] Summarize(RawTable table, int[] train, double[]? means)
    {
        Summary[] summaries = [.. Enumerable.Range(0, table.Width).Select(_ => new Summary())];
        float[] cells = new float[RowsAtOnce * table.Width];
        for (int first = 0; first < train.Length; first += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, train.Length - first);
            table.Read(train.AsSpan(first, rows), cells.AsSpan(0, rows * table.Width));
            for (int at = 0; at < rows * table.Width; at++)
            {
                int column = at % table.Width;
                summaries[column].Add(cells[at], means is null || column >= means.Length ? null : means[column]);
            }
        }

        return summaries;
    }

    /// <summary>What isn't missing of a column, ascending: four bytes a row, for the time it takes.</summary>
    private static float[] Values(RawTable table, int[] train, int column)
    {
        float[] values = new float[train.Length];
        float[] cells = new float[RowsAtOnce * table.Width];
        int count = 0;
        for (int first = 0; first < train.Length; first += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, train.Length - first);
            table.Read(train.AsSpan(first, rows), cells.AsSpan(0, rows * table.Width));
            for (int at = column; at < rows * table.Width; at += table.Width)
            {
                if (!float.IsNaN(cells[at]))
                {
                    values[count++] = cells[at];
                }
            }
        }

        Array.Sort(values, 0, count);
        Array.Resize(ref values, count);
        return values;
    }

    private static float Middle(float[] sorted) => (float)(((double)sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2);

    private static float MostFrequent(float[] sorted)
    {
        int best = 0, bestRun = 0;
        for (int i = 0, run = 0; i < sorted.Length; i++)
        {
            run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
            (best, bestRun) = run > bestRun ? (i, run) : (best, bestRun);
        }

        return sorted[best];
    }

    /// <summary>Sum of the values, or of squared differences from a mean; smallest, largest, and how many are missing.</summary>
    private sealed class Summary
    {
        public double Sum { get; private set; }

        public float Smallest { get; private set; } = float.PositiveInfinity;

        public float Largest { get; private set; } = float.NegativeInfinity;

        public int Missing { get; private set; }

        public void Add(float value, double? mean)
        {
            if (float.IsNaN(value))
            {
                Missing++;
                return;
            }

            Sum += mean is { } m ? (value - m) * (value - m) : value;
            Smallest = Math.Min(Smallest, value);
            Largest = Math.Max(Largest, value);
        }
    }
}
