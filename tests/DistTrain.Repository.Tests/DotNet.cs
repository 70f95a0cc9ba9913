using System.Diagnostics;
using System.Text;

namespace DistTrain.Repository.Tests;

/// <summary>Runs the dotnet command as a person would, in a folder, and returns what it said.</summary>
internal static class DotNet
{
    private static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(4); // a cold restore on a slow feed; a hang otherwise

    public static Result Run(string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the surrounding dotnet test hands down must not steer the inner build.
        foreach (string name in start.Environment.Keys.Where(IsHandedDown).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        StringBuilder output = new();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(DurationMax))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {string.Join(' ', arguments)} took longer than {DurationMax}:\n{output}");
        }

        process.WaitForExit(); // the readers too
        return new Result(process.ExitCode, output.ToString());
    }

    private static bool IsHandedDown(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase) ||
        name is "ClusterEngine" or "AkkaVersion" or "TargetFramework" or "Configuration";

    private static void Append(StringBuilder output, string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }

    internal sealed record Result(int ExitCode, string Output);
}
