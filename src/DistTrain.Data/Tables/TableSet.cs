using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A table in a CSV file as samples, a row each.</summary>
public static class TableSet
{
    /// <summary>
    /// Reads the file once, cuts it, and fits fills and scales on the training rows alone. Categories are those of the whole file, in
    /// ordinal order, or by number where all are numbers.
    /// </summary>
    /// <exception cref="UserError">The file is no table, a row doesn't fit the others, a column that is named isn't there, or a part would be empty.</exception>
    public static Splits Open(string path, TableOptions options, SplitOptions split)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(split);
        RawTable table = TableScan.Read(path, options);
        PartIndices parts = PartIndices.Cut(path, table.Rows.Count, split, table.Texts[table.Target] is null ? null : () => Classes(table));
        TableColumn[] columns = TableFit.Columns(table, parts.Train, options);
        IReadOnlyList<string>? classes = table.Texts[table.Target];
        TargetScaling? scaling = classes is null && options.ScaleTarget ? TableFit.Target(table, parts.Train) : null;
        TargetDescription target = classes is null ? TargetDescription.ForValues(new Shape(1)) : TargetDescription.ForClasses(classes.Count, classes);
        TableSource Part(int[] rows, bool trains = false) =>
            new(table, rows, columns, trains && table.Layout.Weight >= 0 ? target.Weighted() : target, scaling);
        TableLayout layout = table.Layout;
        return new Splits(
            Part(parts.Train, trains: true),
            parts.Validation is null ? null : Part(parts.Validation),
            parts.Test is null ? null : Part(parts.Test))
        {
            Input = new TableInput(
                columns, layout.Names, layout.Names[layout.Target], options.Separator ?? TableScan.SeparatorOf(path), classes, scaling, options.Positive),
        };
    }

    private static int[] Classes(RawTable table)
    {
        int[] classes = new int[table.Rows.Count];
        float[] cells = new float[table.Width];
        for (int row = 0; row < classes.Length; row++)
        {
            table.Read([row], cells);
            classes[row] = (int)cells[table.Target];
        }

        return classes;
    }
}
