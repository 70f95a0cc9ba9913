using System.Diagnostics;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Hosts of a network of their own on this machine: hosts.sh beside this file.</summary>
internal sealed class NetworkOfHosts : IDisposable
{
    private static readonly string Script = Path.Combine(BuiltCommand.RepositoryRoot, "tests", "DistTrain.EndToEnd.Tests", "Network", "hosts.sh");

    /// <param name="count">Hosts 1 to this.</param>
    public NetworkOfHosts(int count) => Do("up", $"{count}");

    private static string Name { get; } = $"dt{Environment.ProcessId}";

    public static string Address(int host) => $"10.88.{host}.2";

    /// <summary>Skips the test that asks where there can't be such a network.</summary>
    public static void SkipIfImpossible(bool rates = false, bool delays = false)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "network namespaces are Linux'");
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root can make network namespaces");
        string[] tools = ["ip", "iptables", .. rates ? ["tc"] : Array.Empty<string>(), .. delays ? ["python3"] : Array.Empty<string>()];
        foreach (string tool in tools)
        {
            Skip.If(Run("sh", "-c", $"PATH=$PATH:/usr/sbin:/sbin command -v {tool}").ExitCode != 0, $"{tool} is not installed");
        }

        (int exitCode, string text) = Run(Script, "up", "1");
        Run(Script, "down");
        Skip.If(exitCode != 0, $"no network namespaces here: {text}");
    }

    /// <summary>Runs the script; fails with what it said when it fails.</summary>
    public void Do(params string[] arguments)
    {
        (int exitCode, string text) = Run(Script, arguments);
        Assert.True(exitCode == 0, $"hosts.sh {string.Join(' ', arguments)}: {text}");
    }

    /// <summary>Sum of the numbers at a place of the lines of <c>count</c> that begin so.</summary>
    public long Count(string kind, int field) =>
        Run(Script, "count").Text.Split('\n').Select(line => line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > field && words[0] == kind && long.TryParse(words[field], out _)).Sum(words => long.Parse(words[field]));

    /// <summary>In front of a command that is to run on a host.</summary>
    /// <param name="host">Which.</param>
    /// <param name="hidden">A folder of this machine that the host does not have; null: none.</param>
    public IReadOnlyList<string> On(int host, string? hidden = null) =>
        ["env", $"HOSTS_NAME={Name}", .. hidden is null ? Array.Empty<string>() : [$"HOSTS_HIDE={hidden}"], Script, "on", $"{host}"];

    public void Dispose() => Run(Script, "down");

    private static (int ExitCode, string Text) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOSTS_NAME"] = Name;
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        using Process process = Process.Start(start)!;
        Task<string[]> text = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!text.Wait(CommandRun.Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} does not end");
        }

        process.WaitForExit();
        return (process.ExitCode, string.Concat(text.Result));
    }
}
