using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>What --data means: the name of a known set, or a path.</summary>
internal static class DataArgument
{
    /// <summary>A known name is a name, even where a folder is called the same (./mnist is the folder); a bare word that names nothing is taken for a misspelt name.</summary>
    public static bool IsPath(string value) =>
        !DataCatalogue.Entries.Any(entry => string.Equals(entry.Name, value, StringComparison.OrdinalIgnoreCase))
        && (Path.Exists(value) || value.AsSpan().ContainsAny('/', '\\', '.'));

    public static Splits Open(string value, Terminal terminal) =>
        JobData.Open(new Job { Data = IsPath(value) ? new DataJob { Path = value } : new DataJob { Set = value } }, Folders(terminal)).Raw;

    /// <summary>The path, or where a known set lies that is a file.</summary>
    public static string FileOf(string value, Terminal terminal) =>
        IsPath(value) || DataCatalogue.Find(value).Location is null ? value : DataCatalogue.LocateFile(value, Folders(terminal));

    public static DataFolders Folders(Terminal terminal) => DataFolders.For(terminal.Environment.GetValueOrDefault(Terminal.DataVariable));

    /// <summary>One part of a set.</summary>
    /// <param name="splits">Where from.</param>
    /// <param name="part">train, validation or test; null: the test part if there is one, else validation, else all there is.</param>
    /// <param name="chosen">Name of the part that was taken.</param>
    public static IDataSource Part(Splits splits, string? part, out string chosen)
    {
        chosen = part ?? (splits.Test is not null ? "test" : splits.Validation is not null ? "validation" : "train");
        return chosen switch
        {
            "train" => splits.Train,
            "validation" => splits.Validation,
            "test" => splits.Test,
            _ => throw new UserError($"--part: found \"{part}\"; allowed: one of train, validation, test"),
        } ?? throw new UserError($"--part: {splits.Train.Name} has no {chosen} part");
    }
}
