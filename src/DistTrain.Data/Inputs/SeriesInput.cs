using System.Text;
using System.Text.Json.Serialization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Steps of a series, as rows of a table in the order of time.</summary>
public sealed class SeriesInput : InputFormat
{
    private const int StepsMax = 1 << 20;

    /// <param name="columns">What is seen, as fitted.</param>
    /// <param name="target">What is forecast, as fitted.</param>
    /// <param name="window">Steps seen.</param>
    /// <param name="horizon">Steps forecast.</param>
    /// <param name="names">All columns of the training file.</param>
    /// <param name="separator">Between cells.</param>
    /// <exception cref="UserError">They don't fit each other.</exception>
    public SeriesInput(IReadOnlyList<TableColumn> columns, TableColumn target, int window, int horizon, IReadOnlyList<string> names, char separator)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(target);
        if (columns.Count == 0 || columns.Append(target).Any(column => column.Kind != ColumnKind.Number || !names.Contains(column.Name))
            || window is < 1 or > StepsMax || horizon is < 1 or > StepsMax || separator is '"' or '\n' or '\r')
        {
            throw new UserError("series: columns, target, window and horizon don't fit each other");
        }

        foreach (TableColumn column in columns.Append(target))
        {
            column.Check("columns");
        }

        Columns = columns;
        Target = target;
        Window = window;
        Horizon = horizon;
        Names = names;
        Separator = separator;
    }

    public IReadOnlyList<TableColumn> Columns { get; }

    public TableColumn Target { get; }

    public int Window { get; }

    public int Horizon { get; }

    public IReadOnlyList<string> Names { get; }

    public char Separator { get; }

    [JsonIgnore]
    public override Shape SampleShape => new(Window, Columns.Count);

    [JsonIgnore]
    public override TargetScaling? TargetScaling => new(Target.Offset, Target.Divisor);

    public override bool TryForecastNaively(ReadOnlySpan<float> sample, Span<float> forecast)
    {
        int seen = Columns.Count, place = -1;
        for (int i = 0; i < seen; i++)
        {
            place = Columns[i].Name == Target.Name ? i : place;
        }

        if (place < 0)
        {
            return false;
        }

        forecast.Fill(sample[((Window - 1) * seen) + place]);
        return true;
    }

    public override IDataSource Open(string path)
    {
        RawTable table = Rows(path, PackedFile.OpenContent(path, out _));
        int count = table.Rows.Count - Window - Horizon + 1;
        return count > 0
            ? new SeriesSource(path, Scale(table), Columns.Count + 1, Columns.Count, Columns.Count, 0, count, Window, Horizon)
            : throw new UserError($"{path}: has {table.Rows.Count} steps; a window of {Window} and a horizon of {Horizon} need {Window + Horizon}");
    }

    public override IDataSource ReadFile(string path) => GuardedFile.Use(path, () => Last(path, PackedFile.OpenContent(path, out _)));

    public override IDataSource Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Last(name, new MemoryStream(Encoding.UTF8.GetBytes(text.ReadToEnd())));
    }

    /// <summary>All steps as [steps, columns and target], scaled.</summary>
    internal float[] Scale(RawTable table)
    {
        int width = table.Width;
        float[] values = new float[checked(table.Rows.Count * width)];
        table.Read([.. Enumerable.Range(0, table.Rows.Count)], values);
        for (int at = 0; at < values.Length; at++)
        {
            TableColumn column = at % width < Columns.Count ? Columns[at % width] : Target;
            column.Encode(values[at], values.AsSpan(at, 1));
        }

        return values;
    }

    /// <summary>The window that ends with the last step: what comes next is asked for.</summary>
    private SeriesSource Last(string name, Stream content)
    {
        RawTable table = Rows(name, content);
        int steps = table.Rows.Count;
        return steps >= Window
            ? new SeriesSource(name, Scale(table), Columns.Count + 1, Columns.Count, Columns.Count, steps - Window, 1, Window, 0)
            : throw new UserError($"{name}: has {steps} steps; a window needs {Window}");
    }

    private RawTable Rows(string name, Stream content)
    {
        using var reader = new TableReader(name, content, Separator);
        if (!reader.Read())
        {
            throw new UserError($"{name}: holds no row; allowed: at least {Window}, with {string.Join(", ", Columns.Select(column => column.Name))}");
        }

        string[] wanted = [.. Columns.Select(column => column.Name), Target.Name];
        string[] first = [.. Enumerable.Range(0, reader.Count).Select(reader.Text)];
        bool hasHeader = wanted.All(first.Contains);
        string[] names = hasHeader ? first
            : first.Length == Names.Count ? [.. Names]
            : first.Length == 1 && wanted.Distinct().Count() == 1 ? [wanted[0]]
            : throw new UserError($"{name}:{reader.Line}: column {Math.Min(first.Length, Names.Count)}: found {first.Length} cells; allowed: {Names.Count}, or a header with {string.Join(", ", wanted.Distinct())}");
        int[] places = [.. wanted.Select(column => Array.IndexOf(names, column))];
        var layout = new TableLayout(names, hasHeader, places[..^1], places[^1]);
        var rows = new RecordStore.Builder(name, places.Length * sizeof(float));
        float[] cells = new float[places.Length];
        for (bool more = !hasHeader || reader.Read(); more; more = reader.Read())
        {
            layout.CheckWidth(reader);
            for (int i = 0; i < places.Length; i++)
            {
                if (!TableReader.TryNumber(reader[places[i]], out cells[i]))
                {
                    throw layout.Wrong(reader, places[i], "a number");
                }
            }

            rows.Add(System.Runtime.InteropServices.MemoryMarshal.AsBytes(cells.AsSpan()));
        }

        var kinds = new ColumnKind[places.Length];
        return new RawTable(name, layout, kinds, new IReadOnlyList<string>?[kinds.Length], new int[]?[kinds.Length], rows.Build());
    }
}
