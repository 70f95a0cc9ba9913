using System.Collections;

namespace DistTrain.Cli;

/// <summary>The part of the world a command may touch, so that tests can run commands in their own process.</summary>
internal sealed record Terminal
{
    public const string DataVariable = "DISTTRAIN_DATA";

    /// <summary>"all" leaves the processes of a run on all cores.</summary>
    public const string CoresVariable = "DISTTRAIN_CORES";

    /// <summary>Results; with --json nothing but JSON lines.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Notices and errors.</summary>
    public required TextWriter Error { get; init; }

    public TextReader Input { get; init; } = TextReader.Null;

    /// <summary>Standard input as bytes: a node's lifeline.</summary>
    public Func<Stream> Lifeline { get; init; } = () => Stream.Null;

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary><see cref="Output"/> is a screen that lines can be redrawn on.</summary>
    public bool Interactive { get; init; }

    /// <summary>Begins to listen to signals, which end a run after a checkpoint; by default none come.</summary>
    public Func<TextWriter, Interruption> Listen { get; init; } = _ => new Interruption();

    /// <summary>How a person calls this program, for advice that can be copied.</summary>
    public string CommandName { get; init; } = "disttrain";

    public static Terminal OfProcess()
    {
        Dictionary<string, string?> environment = System.Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);
        return new Terminal
        {
            Output = Console.Out,
            Error = Console.Error,
            Input = Console.In,
            Lifeline = Console.OpenStandardInput,
            Environment = environment,
            Interactive = !Console.IsOutputRedirected
                && string.IsNullOrEmpty(environment.GetValueOrDefault("NO_COLOR"))
                && environment.GetValueOrDefault("TERM") != "dumb",
            Listen = Interruption.ToSignals,
            CommandName = NameOf(AppContext.BaseDirectory, Directory.GetCurrentDirectory()),
        };
    }

    /// <summary>A program that was started by "dotnet run" in the repository is not on anyone's path.</summary>
    internal static string NameOf(string programFolder, string currentFolder)
    {
        string project = Path.Combine("src", "DistTrain.Cli");
        string built = Path.Combine(currentFolder, project, "bin") + Path.DirectorySeparatorChar;
        return programFolder.StartsWith(built, StringComparison.Ordinal)
            ? "dotnet run -c Release --project src/DistTrain.Cli --"
            : "disttrain";
    }
}
