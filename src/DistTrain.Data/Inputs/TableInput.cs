using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Serialization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Rows of a table.</summary>
public sealed class TableInput : InputFormat
{
    private const int NamesShownMax = 30;

    private readonly TableColumn[] features;

    /// <param name="columns">The features, in the order of the file, as they were fitted.</param>
    /// <param name="names">All columns of the training file.</param>
    /// <param name="target">Name of the target.</param>
    /// <param name="separator">Between cells.</param>
    /// <param name="classes">Its classes; null: numbers.</param>
    /// <param name="scaling">Done to target numbers; null: nothing.</param>
    /// <param name="positive">Target texts that are the class yes; null: each text is a class.</param>
    /// <exception cref="UserError">They don't fit each other.</exception>
    public TableInput(
        IReadOnlyList<TableColumn> columns, IReadOnlyList<string> names, string target, char separator, IReadOnlyList<string>? classes = null, TargetScaling? scaling = null,
        IReadOnlyList<string>? positive = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(names);
        features = [.. columns];
        if (features.Length == 0 || features.Any(column => !names.Contains(column.Name)) || !names.Contains(target) || classes is { Count: 0 } || (classes is not null && scaling is not null) || (positive is not null && classes is null))
        {
            throw new UserError("columns: features, names, target and classes don't fit each other");
        }

        Array.ForEach(features, column => column.Check("columns"));
        Columns = columns;
        Names = names;
        Target = target;
        Classes = classes;
        Separator = separator is not ('"' or '\n' or '\r') ? separator : throw new UserError("separator: found a quote or a line end");
        Scaling = scaling;
        Positive = positive;
    }

    public IReadOnlyList<TableColumn> Columns { get; }

    public IReadOnlyList<string> Names { get; }

    public string Target { get; }

    public IReadOnlyList<string>? Classes { get; }

    public char Separator { get; }

    public TargetScaling? Scaling { get; }

    public IReadOnlyList<string>? Positive { get; }

    [JsonIgnore]
    public override Shape SampleShape => new(features.Sum(column => column.Width));

    [JsonIgnore]
    public override TargetScaling? TargetScaling => Scaling;

    /// <summary>The class of a target text where some texts are the class yes and all others are no.</summary>
    internal static string YesOrNo(string text, IReadOnlyList<string> positive) => positive.Contains(text) ? "yes" : "no";

    public override IDataSource Open(string path) => GuardedFile.Use(path, () => Samples(path, PackedFile.OpenContent(path, out _), needsTarget: true));

    public override IDataSource ReadFile(string path) => GuardedFile.Use(path, () => Samples(path, PackedFile.OpenContent(path, out _), needsTarget: false));

    public override IDataSource Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Samples(name, new MemoryStream(Encoding.UTF8.GetBytes(text.ReadToEnd())), needsTarget: false);
    }

    private TableSource Samples(string name, Stream content, bool needsTarget)
    {
        using var reader = new TableReader(name, content, Separator);
        if (!reader.Read())
        {
            throw new UserError($"{name}: holds no row; allowed: rows of {string.Join(", ", features.Select(column => column.Name).Take(NamesShownMax))}");
        }

        TableLayout layout = Layout(reader, needsTarget);
        int[] columns = needsTarget ? [.. layout.Features, layout.Target] : layout.Features;
        Dictionary<string, int>?[] known = [.. features.Select(column => Indices(column.Categories)), .. needsTarget ? [Indices(Classes)] : Array.Empty<Dictionary<string, int>?>()];
        var rows = new RecordStore.Builder(name, columns.Length * sizeof(float));
        var lines = new RowLines();
        float[] cells = new float[columns.Length];
        for (bool more = !layout.HasHeader || reader.Read(); more; more = reader.Read())
        {
            layout.CheckWidth(reader);
            for (int i = 0; i < columns.Length; i++)
            {
                cells[i] = Cell(reader, layout, columns[i], known[i], mayMiss: i < features.Length && features[i].Fill is not null, i < features.Length ? null : Positive);
            }

            rows.Add(MemoryMarshal.AsBytes(cells.AsSpan()));
            lines.Add(reader.Line);
        }

        if (rows.Count == 0)
        {
            throw new UserError($"{name}: holds no row below its header; allowed: at least one");
        }

        ColumnKind[] kinds = [.. known.Select(indices => indices is null ? ColumnKind.Number : ColumnKind.Category)];
        var table = new RawTable(name, layout, kinds, new IReadOnlyList<string>?[kinds.Length], new int[]?[kinds.Length], rows.Build()) { Lines = lines };
        TargetDescription target = !needsTarget ? TargetDescription.None
            : Classes is null ? TargetDescription.ForValues(new Shape(1)) : TargetDescription.ForClasses(Classes.Count, Classes);
        return new TableSource(table, null, features, target, Scaling);
    }

    /// <summary>
    /// Columns by a header, in any order; or, without one, by place: all columns of the training file, those without the target, or
    /// the features alone.
    /// </summary>
    private TableLayout Layout(TableReader reader, bool needsTarget)
    {
        string[] first = [.. Enumerable.Range(0, reader.Count).Select(reader.Text)];
        string[] wanted = [.. features.Select(column => column.Name)];
        bool hasHeader = wanted.All(first.Contains) || first.Count(Names.Contains) > Math.Max(1, first.Length / 2);
        string[] withoutTarget = [.. Names.Where(name => name != Target)];
        string[] names = hasHeader ? first
            : first.Length == Names.Count ? [.. Names]
            : first.Length == withoutTarget.Length && !needsTarget ? withoutTarget
            : first.Length == wanted.Length && !needsTarget ? wanted
            : throw new UserError($"{reader.Name}:{reader.Line}: column {Math.Min(first.Length, Names.Count)}: found {first.Length} cells; allowed: {Names.Count}, or a header with {string.Join(", ", wanted.Take(NamesShownMax))}");
        int[] places = [.. wanted.Select(name => Array.IndexOf(names, name))];
        int missing = Array.FindIndex(places, place => place < 0);
        if (missing >= 0)
        {
            throw new UserError($"{reader.Name}:{reader.Line}: found no column \"{wanted[missing]}\"; allowed: a header with {string.Join(", ", wanted.Take(NamesShownMax))}");
        }

        int target = Array.IndexOf(names, Target);
        return !needsTarget || target >= 0
            ? new TableLayout(names, hasHeader, places, needsTarget ? target : -1)
            : throw new UserError($"{reader.Name}:{reader.Line}: found no column \"{Target}\", the target; allowed: all columns of the training file");
    }

    private static Dictionary<string, int>? Indices(IReadOnlyList<string>? texts) => texts?.Select((text, index) => (text, index)).ToDictionary(pair => pair.text, pair => pair.index, StringComparer.Ordinal);

    private static float Cell(TableReader reader, TableLayout layout, int column, Dictionary<string, int>? known, bool mayMiss, IReadOnlyList<string>? positive)
    {
        ReadOnlySpan<byte> bytes = reader[column];
        if (TableReader.IsMissing(bytes) && (known is null || !known.ContainsKey(reader.Text(column))))
        {
            return mayMiss ? float.NaN : throw layout.Wrong(reader, column, "a value in every row");
        }

        if (known is null)
        {
            return TableReader.TryNumber(bytes, out float number) ? number : throw layout.Wrong(reader, column, "a number");
        }

        string text = reader.Text(column);
        return known.TryGetValue(positive is null ? text : YesOrNo(text, positive), out int index)
            ? index
            : throw layout.Wrong(reader, column, $"one of {string.Join(", ", known.Keys.Take(NamesShownMax))}{(known.Count > NamesShownMax ? ", ..." : "")}");
    }
}
