using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A series in a CSV file as samples of a forecast.</summary>
public static class SeriesSet
{
    /// <summary>
    /// Cuts in time: the last steps are the test part, those before it the validation part; a part of fraction f begins at step
    /// ⌊(1 - f) n⌋. A sample belongs to the part in which all its targets lie; what it sees may reach back into the part before.
    /// Scales are fitted on the steps of the training part alone.
    /// </summary>
    /// <exception cref="UserError">The file is no table of numbers, or a part is shorter than a sample needs.</exception>
    public static Splits Open(string path, SeriesOptions options, SplitOptions split)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(split);
        RawTable table = Scan(path, options);
        int seen = table.Width - 1, steps = table.Rows.Count;
        string target = table.Layout.Names[table.Layout.Target];
        int place = Array.IndexOf(table.Layout.Features, table.Layout.Target);
        int testAt = (int)((1 - split.TestFraction) * steps), validationAt = (int)((1 - split.ValidationFraction) * testAt);
        if (validationAt < 1)
        {
            throw new UserError($"{path}: the training part has no step; allowed: smaller shares of validation and test");
        }

        int[] training = [.. Enumerable.Range(0, validationAt)];
        var fitting = new TableOptions { Scale = options.Scale, Missing = MissingCells.Refuse };
        TableColumn[] columns = TableFit.Columns(table, training, fitting);
        TableColumn targetColumn = place >= 0 ? columns[place] : TargetColumn(table, training, fitting);
        var input = new SeriesInput(columns, targetColumn, options.Window, options.Horizon, table.Layout.Names, options.Separator ?? TableScan.SeparatorOf(path));
        float[] values = input.Scale(table);

        SeriesSource Part(string what, int from, int to)
        {
            int firstTarget = Math.Max(from, options.Window);
            int count = to - firstTarget - options.Horizon + 1;
            return count > 0
                ? new SeriesSource(path, values, seen + 1, seen, seen, firstTarget - options.Window, count, options.Window, options.Horizon)
                : throw new UserError($"{path}: its {what} part has {to - from} steps; a window of {options.Window} and a horizon of {options.Horizon} need {(from == 0 ? options.Window : 0) + options.Horizon} (\"{target}\")");
        }

        IDataSource train = Part("training", 0, validationAt);
        return new Splits(
            split.Limit is { } limit ? Splits.First(train, limit) : train,
            testAt > validationAt ? Part("validation", validationAt, testAt) : null,
            steps > testAt ? Part("test", testAt, steps) : null)
        {
            Input = input,
        };
    }

    private static RawTable Scan(string path, SeriesOptions options)
    {
        // The target's name may be a number or the last column: a first look tells the columns.
        TableLayout layout = GuardedFile.Use(path, () =>
        {
            using var reader = new TableReader(path, PackedFile.OpenContent(path, out _), options.Separator ?? TableScan.SeparatorOf(path));
            return reader.Read()
                ? TableLayout.Of(reader, new TableOptions { Target = options.Target, Header = options.Header, Features = options.Columns ?? [options.Target ?? FormattableString.Invariant($"{reader.Count}")] })
                : throw new UserError($"{path}: empty file, expected a table as CSV");
        });
        string[] seen = [.. layout.Features.Select(column => layout.Names[column])];
        string target = layout.Names[layout.Target];
        return TableScan.Read(path, new TableOptions
        {
            Target = target,
            Header = layout.HasHeader,
            Features = seen,
            Numbers = [.. seen, target],
            Separator = options.Separator,
            Missing = MissingCells.Refuse,
        });
    }

    /// <summary>The scale of a target that isn't among the features.</summary>
    private static TableColumn TargetColumn(RawTable table, int[] training, TableOptions fitting)
    {
        RawTable alone = table with { Layout = table.Layout with { Features = [.. table.Layout.Features, table.Layout.Target] } };
        return TableFit.Columns(alone, training, fitting)[^1];
    }
}
