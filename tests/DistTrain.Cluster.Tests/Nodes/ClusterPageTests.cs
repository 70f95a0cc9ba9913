using System.Diagnostics;
using System.Text.RegularExpressions;

namespace DistTrain.Cluster.Tests;

/// <summary>The commands by which docs/cluster.md starts three nodes and trains on them, with its ports.</summary>
[Trait("Category", "Long")]
public sealed partial class ClusterPageTests : IDisposable
{
    /// <summary>Far beyond what is waited for; a watchdog.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-page-").FullName;
    private readonly List<Process> started = [];

    [SkippableFact]
    public async Task Three_nodes_train_tell_and_stop_as_the_page_says()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGTERM");
        string[] page = await File.ReadAllLinesAsync(Path.Combine(NodeDocumentTests.Root(), "docs", "cluster.md"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "job.yaml"), SmallJob.Yaml(workers: 2, servers: 2).Replace("epochs: 3", "epochs: 1000000", StringComparison.Ordinal));
        using var deadline = new CancellationTokenSource(Patience);

        Process[] nodes = [.. page.Select(line => NodeLine().Match(line)).Where(line => line.Success).Select(StartNode)];
        Assert.Equal(3, nodes.Length);
        foreach (Process node in nodes)
        {
            await NodeProcessTests.LineStartingWith("up: ", node, deadline.Token);
            _ = node.StandardOutput.ReadToEndAsync(deadline.Token);
        }

        Process submit = Start(Command(page, "submit"), "--json");
        await NodeProcessTests.LineStartingWith("{\"event\":\"step\"", submit, deadline.Token);
        Task<string> followed = submit.StandardOutput.ReadToEndAsync(deadline.Token);
        Assert.Contains("127.0.0.1:4073", await AskAsync(Command(page, "status"), deadline.Token), StringComparison.Ordinal);
        await AskAsync(Command(page, "stop"), deadline.Token);

        await submit.WaitForExitAsync(deadline.Token);
        Assert.Equal(0, submit.ExitCode);
        Assert.Contains("\"event\":\"done\"", await followed, StringComparison.Ordinal);
        foreach (Process node in nodes)
        {
            using Process kill = Process.Start("kill", ["-TERM", $"{node.Id}"]);
            await node.WaitForExitAsync(deadline.Token);
            Assert.Equal(0, node.ExitCode);
        }
    }

    public void Dispose()
    {
        foreach (Process process in started)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private Process StartNode(Match line)
    {
        ProcessStartInfo start = Built("disttrain-node.dll", [ClusterSettings.Shipped(Path.GetFileName(line.Groups["settings"].Value))]);
        foreach (string assignment in line.Groups["environment"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = assignment.Split('=', 2);
            start.Environment[parts[0]] = parts[1];
        }

        return Start(start);
    }

    private Process Start(string command, params string[] more) => Start(Built("disttrain.dll", [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..], .. more]));

    private Process Start(ProcessStartInfo start)
    {
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        started.Add(process);
        return process;
    }

    private ProcessStartInfo Built(string assembly, string[] arguments) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true };

    private async Task<string> AskAsync(string command, CancellationToken deadline)
    {
        Process process = Start(command);
        string output = await process.StandardOutput.ReadToEndAsync(deadline);
        await process.WaitForExitAsync(deadline);
        Assert.True(process.ExitCode == 0, $"{command}: {process.ExitCode}\n{output}");
        return output;
    }

    private static string Command(string[] page, string name) => Assert.Single(page, line => line.StartsWith($"disttrain {name} ", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?<environment>(?:\w+=\S+ )*)dotnet exec src/DistTrain.Node/\S+/disttrain-node.dll (?<settings>\S+)$")]
    private static partial Regex NodeLine();
}
