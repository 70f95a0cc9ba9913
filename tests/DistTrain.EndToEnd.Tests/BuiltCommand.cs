using System.Diagnostics;
using DistTrain.Hosting;
using DistTrain.Repository.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The command line that was built with these tests, run as a process.</summary>
internal static class BuiltCommand
{
    /// <summary>The folder of DistTrain.sln, found upwards from the tests' own.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The assembly of <c>disttrain</c>, for <c>dotnet</c>.</summary>
    public static string CommandLine { get; } = Path.Combine(AppContext.BaseDirectory, "disttrain.dll");

    /// <summary>The processes of a run, started from here; compiled quickly, since tests train for moments.</summary>
    public static ProcessesOptions Processes { get; } = new()
    {
        Environment = new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "1" },
        Command = new NodeCommand("dotnet", ["exec", CommandLine, "node"]),
    };

    /// <summary>Runs <c>disttrain arguments</c> in <paramref name="folder"/>; standard output and error come back as one text.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="durationMax"/> and was ended; the message holds its output.</exception>
    public static Task<(int ExitCode, string Output)> RunAsync(string[] arguments, string folder, TimeSpan durationMax) =>
        RunDotNetAsync([CommandLine, .. arguments], folder, durationMax);

    /// <summary>Runs <c>dotnet arguments</c> in the same way.</summary>
    /// <exception cref="TimeoutException">As for <see cref="RunAsync"/>.</exception>
    public static Task<(int ExitCode, string Output)> RunDotNetAsync(string[] arguments, string folder, TimeSpan durationMax) => Task.Run(() =>
    {
        FinishedCommand command = FinishedCommand.Run(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder }, durationMax);
        return (command.ExitCode, command.Output);
    });

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DistTrain.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No DistTrain.sln above {AppContext.BaseDirectory}");
    }
}
