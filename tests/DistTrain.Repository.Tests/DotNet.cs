using System.Diagnostics;

namespace DistTrain.Repository.Tests;

/// <summary>Runs the dotnet command as a person would, in a folder, and returns what it said.</summary>
internal static class DotNet
{
    private static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(4); // a cold restore on a slow feed; a hang otherwise

    public static FinishedCommand Run(string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder };

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

        return FinishedCommand.Run(start, DurationMax);
    }

    private static bool IsHandedDown(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase) ||
        name is "ClusterEngine" or "AkkaVersion" or "TargetFramework" or "Configuration";
}
