using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Cli;

internal static class DataCommands
{
    public static Command Create(Terminal terminal) => new("data", "Data sets: which are known, which are here, what they hold.")
    {
        List(terminal),
        Fetch(terminal),
        Inspect(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "The known sets and where they are.");
        Option<bool> json = ModelOptions.Json();
        command.Add(json);
        command.SetAction(parsed =>
        {
            DataFolders folders = DataArgument.Folders(terminal);
            foreach (CatalogueEntry entry in DataCatalogue.Entries)
            {
                bool isBuiltIn = entry.Files.Count == 0 && entry.Location is null;
                string? folder = isBuiltIn ? null : DataCatalogue.Locate(entry, folders);
                string place = isBuiltIn ? "built in"
                    : folder ?? (entry.Location is null ? $"not here; '{terminal.CommandName} data fetch {entry.Name}' downloads it" : $"not here; looked for as {entry.Location} in $DISTTRAIN_DATA");
                terminal.Output.WriteLine(parsed.GetValue(json)
                    ? JsonLine.Of(new JsonObject
                    {
                        ["name"] = entry.Name,
                        ["description"] = entry.Description,
                        ["classes"] = entry.Classes,
                        ["available"] = isBuiltIn || folder is not null,
                        ["folder"] = folder,
                    })
                    : $"{entry.Name,-18} {entry.Description}\n{"",-18} {place}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Fetch(Terminal terminal)
    {
        var command = new Command("fetch", "Downloads a known set, checks it, and keeps it for all later runs; a cut download goes on where it ended.");
        var name = new Argument<string>("NAME") { Description = "A set that 'data list' names." };
        command.Add(name);
        command.SetAction(async (parsed, _) =>
        {
            CatalogueEntry entry = DataCatalogue.Find(parsed.GetRequiredValue(name));
            using Interruption interruption = terminal.Listen(TextWriter.Null);
            try
            {
                string folder = await new DatasetFetcher()
                    .FetchAsync(entry, DataArgument.Folders(terminal), new FetchLines(terminal), interruption.Token).ConfigureAwait(false);
                await terminal.Output.WriteLineAsync($"{entry.Name} is in {folder}").ConfigureAwait(false);
                return ExitCode.Done;
            }
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                await terminal.Error.WriteLineAsync("interrupted; the next fetch goes on from there").ConfigureAwait(false);
                return interruption.ExitCode;
            }
        });
        return command;
    }

    private static Command Inspect(Terminal terminal)
    {
        var command = new Command("inspect", "What a set holds: samples, shape, and how many of each class.");
        var where = new Argument<string>("NAME|PATH") { Description = "A known set, or a file or folder." };
        Option<bool> json = ModelOptions.Json();
        command.Add(where);
        command.Add(json);
        command.SetAction(parsed =>
        {
            Splits splits = DataArgument.Open(parsed.GetRequiredValue(where), terminal);
            foreach ((string part, IDataSource? source) in new[] { ("train", splits.Train), ("validation", splits.Validation), ("test", splits.Test) })
            {
                if (source is not null)
                {
                    terminal.Output.WriteLine(parsed.GetValue(json) ? JsonLine.Of(Json(part, source)) : Text(part, source));
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string Text(string part, IDataSource source)
    {
        string text = $"{part,-10} {Wording.Count(source.Count)} samples {source.SampleShape}, {source.Target}";
        return Histogram(source) is { } counts
            ? text + "\n" + string.Join("\n", counts.Select((count, i) => $"  {source.Target.ClassNames?[i] ?? $"class {i}",-16} {Wording.Count(count),9}"))
            : text;
    }

    private static JsonObject Json(string part, IDataSource source) => new()
    {
        ["part"] = part,
        ["name"] = source.Name,
        ["samples"] = source.Count,
        ["shape"] = new JsonArray([.. source.SampleShape.Dims.ToArray().Select(dim => JsonValue.Create(dim))]),
        ["classes"] = source.Target.Classes,
        ["class_counts"] = Histogram(source) is { } counts ? new JsonArray([.. counts.Select(count => JsonValue.Create(count))]) : null,
    };

    /// <summary>Samples of each class; null where targets are no classes, or one at each position.</summary>
    private static int[]? Histogram(IDataSource source)
    {
        if (source.Target.Kind != TargetKind.Class || source.Target.Shape.Rank > 0)
        {
            return null;
        }

        int[] counts = new int[source.Target.Classes];
        foreach (int which in source.ReadClasses())
        {
            counts[which]++;
        }

        return counts;
    }

    /// <summary>On a screen one line that is written over; elsewhere a line a file.</summary>
    private sealed class FetchLines(Terminal terminal) : IProgress<FetchProgress>
    {
        private readonly Stopwatch sinceLine = Stopwatch.StartNew();

        public void Report(FetchProgress value)
        {
            bool whole = value.Bytes == value.TotalBytes;
            if (!whole && (!terminal.Interactive || sinceLine.ElapsedMilliseconds < 100))
            {
                return;
            }

            sinceLine.Restart();
            string total = value.TotalBytes is { } bytes ? $" of {Wording.Count(bytes)}" : "";
            string from = value.Mirror is { } mirror ? $" from {mirror.Host}" : ", is there";
            string line = $"{value.File}: {Wording.Count(value.Bytes)}{total} bytes{from}";
            terminal.Output.Write(terminal.Interactive ? $"\r{line}\e[K{(whole ? "\n" : "")}" : line + "\n");
        }
    }
}
