using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Which columns a file has, and which of them are features and target.</summary>
/// <param name="Names">Of all columns, in the file's order.</param>
/// <param name="HasHeader">The first row names them.</param>
/// <param name="Features">Indices of the features, ascending.</param>
/// <param name="Target">Index of the target; -1 where there is none.</param>
/// <param name="Weight">Index of the rows' weights; -1 where all weigh the same.</param>
internal sealed record TableLayout(IReadOnlyList<string> Names, bool HasHeader, int[] Features, int Target, int Weight = -1)
{
    private const int NamesShownMax = 30;

    /// <param name="reader">At the first row.</param>
    /// <param name="options">Which columns are what.</param>
    /// <exception cref="UserError">A column that is named isn't there, or there are no features.</exception>
    public static TableLayout Of(TableReader reader, TableOptions options)
    {
        string[] cells = [.. Enumerable.Range(0, reader.Count).Select(reader.Text)];
        bool hasHeader = options.Header ?? Enumerable.Range(0, cells.Length).All(i => !TableReader.IsMissing(reader[i]) && !TableReader.TryNumber(reader[i], out _));
        string[] names = hasHeader ? cells : [.. cells.Select((_, i) => $"column{i + 1}")];
        if (hasHeader && names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new UserError($"{reader.Name}:{reader.Line}: found the column \"{twice.Key}\" {twice.Count()} times; allowed: names that differ");
        }

        int target = options.Target is null ? names.Length - 1 : Find(reader.Name, names, options.Target, "target");
        int weight = options.Weight is null ? -1 : Find(reader.Name, names, options.Weight, "weight");
        if (weight >= 0 && weight == target)
        {
            throw new UserError($"{reader.Name}: weight: found \"{options.Weight}\", which is the target; allowed: another column");
        }

        HashSet<int> dropped = [.. options.Drop.Select(name => Find(reader.Name, names, name, "drop"))];
        int[] features = options.Features is { } chosen
            ? [.. chosen.Select(name => Find(reader.Name, names, name, "features")).Distinct().Order()]
            : [.. Enumerable.Range(0, names.Length).Where(i => i != target && i != weight && !dropped.Contains(i))];
        return features.Length > 0
            ? new TableLayout(names, hasHeader, features, target, weight)
            : throw new UserError($"{reader.Name}:{reader.Line}: found {names.Length} column{(names.Length == 1 ? "" : "s")} and no feature among them; allowed: at least one besides the target (is the separator right?)");
    }

    /// <summary>Index of a column by its name, or by its number from 1.</summary>
    public static int Find(string path, IReadOnlyList<string> names, string wanted, string key)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == wanted)
            {
                return i;
            }
        }

        return int.TryParse(wanted, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= names.Count
            ? number - 1
            : throw new UserError($"{path}: {key}: found \"{wanted}\"; allowed: a number from 1 to {names.Count}, or one of {string.Join(", ", names.Take(NamesShownMax))}{(names.Count > NamesShownMax ? ", ..." : "")}");
    }

    /// <summary>Refuses a row that has not as many cells as there are columns.</summary>
    public void CheckWidth(TableReader reader)
    {
        if (reader.Count != Names.Count)
        {
            throw new UserError($"{reader.Name}:{reader.Line}: column {Math.Min(reader.Count, Names.Count) + (reader.Count > Names.Count ? 1 : 0)}: found {reader.Count} cells; allowed: {Names.Count}, as the first row has");
        }
    }

    /// <summary>The columns that rows keep: features, target, weight, where there are.</summary>
    public int[] Kept => [.. Features, .. Target >= 0 ? [Target] : Array.Empty<int>(), .. Weight >= 0 ? [Weight] : Array.Empty<int>()];

    public UserError Wrong(TableReader reader, int column, string allowed) =>
        new($"{reader.Name}:{reader.Line}: column {column + 1} \"{Names[column]}\": found {(TableReader.IsMissing(reader[column]) ? "nothing" : reader.Show(column))}; allowed: {allowed}");
}
