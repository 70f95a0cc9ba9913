using System.Runtime.InteropServices;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Reads a table of unknown columns: a column is one of numbers until a cell says otherwise; then reading begins again with it as
/// categories, so types hold for every row and the file is read once where columns tell early what they are.
/// </summary>
internal sealed class TableScan
{
    /// <summary>More different texts are no categories that a row of ones and zeros should have.</summary>
    private const int CategoriesMax = 1000;

    private readonly string path;
    private readonly TableOptions options;
    private readonly char separator;
    private readonly Dictionary<int, string> firstTexts = [];
    private HashSet<int> categories = [];
    private HashSet<int> numbers = [];

    private TableScan(string path, TableOptions options)
    {
        this.path = path;
        this.options = options;
        separator = options.Separator ?? SeparatorOf(path);
    }

    /// <param name="path">Plain or gzip.</param>
    /// <param name="options">Which columns are what.</param>
    /// <exception cref="UserError">The file is no table, or a row doesn't fit the others.</exception>
    public static RawTable Read(string path, TableOptions options)
    {
        var scan = new TableScan(path, options);
        return GuardedFile.Use(path, () =>
        {
            while (true)
            {
                if (scan.Pass() is { } table)
                {
                    return table;
                }
            }
        });
    }

    public static char SeparatorOf(string path) =>
        path.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tsv.gz", StringComparison.OrdinalIgnoreCase) ? '\t' : ',';

    /// <summary>The whole table, or null when a column turned out to be categories.</summary>
    private RawTable? Pass()
    {
        using var reader = new TableReader(path, PackedFile.OpenContent(path, out _), separator);
        if (!reader.Read())
        {
            throw new UserError($"{path}: empty file, expected a table as CSV");
        }

        TableLayout layout = TableLayout.Of(reader, options);
        int[] columns = layout.Kept;
        numbers = [.. options.Numbers.Select(name => TableLayout.Find(path, layout.Names, name, "numbers"))];
        categories.UnionWith(options.Categories.Select(name => TableLayout.Find(path, layout.Names, name, "categories")));
        if (options.Positive is not null || options.TargetKind is not null)
        {
            _ = options is { Positive: null, TargetKind: ColumnKind.Number } ? numbers.Add(layout.Target) : categories.Add(layout.Target);
        }

        if (layout.Weight >= 0)
        {
            _ = numbers.Add(layout.Weight);
        }

        Dictionary<string, int>?[] texts = [.. columns.Select(column => categories.Contains(column) ? new Dictionary<string, int>(StringComparer.Ordinal) : null)];
        var rows = new RecordStore.Builder(path, columns.Length * sizeof(float));
        var lines = new RowLines();
        float[] cells = new float[columns.Length];
        for (bool more = !layout.HasHeader || reader.Read(); more; more = reader.Read())
        {
            layout.CheckWidth(reader);
            bool keeps = true;
            for (int i = 0; i < columns.Length; i++)
            {
                if (!TryCell(reader, layout, columns[i], texts[i], out cells[i]))
                {
                    return null;
                }

                if (columns[i] == layout.Weight && cells[i] < 0)
                {
                    throw layout.Wrong(reader, columns[i], "a weight from 0");
                }

                keeps &= !float.IsNaN(cells[i]) || Keeps(reader, layout, columns[i]);
            }

            if (keeps)
            {
                rows.Add(MemoryMarshal.AsBytes(cells.AsSpan()));
                lines.Add(reader.Line);
            }
        }

        return rows.Count > 0
            ? Table(layout, columns, texts, rows.Build(), lines)
            : throw new UserError($"{path}: has no row; allowed: at least one{(options.Missing == MissingCells.Drop ? " without missing cells" : "")}");
    }

    /// <summary>False when the column is no longer one of numbers.</summary>
    private bool TryCell(TableReader reader, TableLayout layout, int column, Dictionary<string, int>? texts, out float cell)
    {
        ReadOnlySpan<byte> bytes = reader[column];
        cell = float.NaN;
        if (TableReader.IsMissing(bytes))
        {
            return true;
        }

        if (texts is null)
        {
            if (TableReader.TryNumber(bytes, out cell))
            {
                return true;
            }

            if (numbers.Contains(column))
            {
                throw layout.Wrong(reader, column, "a number");
            }

            firstTexts[column] = $"the first that is no number is {reader.Show(column)} in line {reader.Line}";
            _ = categories.Add(column);
            return false;
        }

        string text = column == layout.Target && options.Positive is { } positive ? TableInput.YesOrNo(reader.Text(column), positive) : reader.Text(column);
        if (!texts.TryGetValue(text, out int index))
        {
            if (texts.Count == CategoriesMax)
            {
                string first = firstTexts.TryGetValue(column, out string? known) ? known + "; " : "";
                throw new UserError($"{path}:{reader.Line}: column {column + 1} \"{layout.Names[column]}\": found more than {CategoriesMax} different texts; {first}allowed: fewer, or the column named in drop or numbers");
            }

            texts.Add(text, index = texts.Count);
        }

        cell = index;
        return true;
    }

    /// <summary>Whether a row with this missing cell stays.</summary>
    private bool Keeps(TableReader reader, TableLayout layout, int column) => options.Missing switch
    {
        MissingCells.Drop => false,
        MissingCells.Refuse => throw layout.Wrong(reader, column, "no missing cell, or another value of missing"),
        _ => column != layout.Target && column != layout.Weight
            ? true
            : throw layout.Wrong(reader, column, $"a {(column == layout.Target ? "target" : "weight")} in every row, or missing: drop"),
    };

    private RawTable Table(TableLayout layout, int[] columns, Dictionary<string, int>?[] texts, RecordStore rows, RowLines lines)
    {
        var names = new IReadOnlyList<string>?[columns.Length];
        int[]?[] order = new int[]?[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            if (texts[i] is not { } found)
            {
                continue;
            }

            string[] sorted = Sorted([.. found.Keys]);
            names[i] = sorted;
            order[i] = new int[sorted.Length];
            for (int place = 0; place < sorted.Length; place++)
            {
                order[i]![found[sorted[place]]] = place;
            }
        }

        if (options.Positive is not null && names[layout.Features.Length] is { Count: 1 } one)
        {
            throw new UserError($"{path}: positive: found {one[0]} in every row of \"{layout.Names[layout.Target]}\"; allowed: texts that some rows have, and not all");
        }

        return new RawTable(path, layout, [.. texts.Select(found => found is null ? ColumnKind.Number : ColumnKind.Category)], names, order, rows) { Lines = lines };
    }

    /// <summary>By number where all are numbers, else in ordinal order.</summary>
    private static string[] Sorted(string[] texts)
    {
        float[] values = new float[texts.Length];
        bool areNumbers = true;
        for (int i = 0; i < texts.Length; i++)
        {
            areNumbers &= TableReader.TryNumber(System.Text.Encoding.UTF8.GetBytes(texts[i]), out values[i]);
        }

        Array.Sort(texts, StringComparer.Ordinal);
        return areNumbers ? [.. texts.OrderBy(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))] : texts;
    }
}
