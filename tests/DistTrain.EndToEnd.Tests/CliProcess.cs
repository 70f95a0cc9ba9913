using System.Diagnostics;
using System.Text.Json.Nodes;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The command line as a process of its own.</summary>
internal sealed class CliProcess : IDisposable
{
    /// <summary>Far beyond what any of these runs takes.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly Task<string> error;

    /// <param name="environment">Added to this process's.</param>
    /// <param name="arguments">As after the program's name.</param>
    public CliProcess(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "disttrain.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Runs to the end and returns the JSON lines of standard output.</summary>
    public static async Task<IReadOnlyList<JsonNode>> JsonOf(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var cli = new CliProcess(environment, arguments);
        var lines = new List<JsonNode>();
        while (await cli.ReadAsync() is { } line)
        {
            lines.Add(line);
        }

        int exitCode = await cli.ExitAsync();
        Assert.True(exitCode == 0, $"exit code {exitCode}: {await cli.ErrorAsync()}");
        return lines;
    }

    /// <summary>The next JSON line; null at the end.</summary>
    public async Task<JsonNode?> ReadAsync() =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline) is { } line ? JsonNode.Parse(line) : null;

    public async Task<int> ExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return process.ExitCode;
    }

    public Task<string> ErrorAsync() => error.WaitAsync(Deadline);

    public int ProcessId => process.Id;

    /// <summary>Ends it from one instruction to the next.</summary>
    public void Kill() => process.Kill();

    /// <summary>Sends SIGTERM, as service managers and container engines do.</summary>
    public void Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString()]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
