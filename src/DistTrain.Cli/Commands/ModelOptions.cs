using System.CommandLine;

namespace DistTrain.Cli;

/// <summary>What the commands that use a model have in common.</summary>
internal static class ModelOptions
{
    public static Argument<string> Model() => new("RUN|MODEL") { Description = "A run folder, or a folder with model.json and model.safetensors." };

    public static Option<string?> Data() => new("--data") { Description = "A known set, or a file or folder; without it, the run's own data.", HelpName = "NAME|PATH" };

    public static Option<string?> Part() => new("--part") { Description = "Which part: test if there is one, else validation, else train.", HelpName = "train|validation|test" };

    public static Option<string?> Threads() => new("--threads") { Description = "Threads; all cores by default. Never changes the result.", HelpName = "N" };

    public static Option<bool> Json() => new("--json") { Description = "JSON on standard output." };
}
