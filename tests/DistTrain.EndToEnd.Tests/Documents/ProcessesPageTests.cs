using System.Text.Json.Nodes;
using DistTrain.Hosting;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The commands of docs/processes.md, which belong to one live run and so are not of <see cref="CommandBlockTests"/>; with --json, to follow it.</summary>
[Trait("Category", "Long")]
public sealed class ProcessesPageTests : IDisposable
{
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(BuiltCommand.RepositoryRoot, "docs", "processes.md"));
    private readonly TestFolder folder = new();
    private string? last;
    private int steps;

    public ProcessesPageTests()
    {
        File.WriteAllText(folder["job.yaml"], LiveRun.SmallJob);
        Directory.CreateDirectory(folder["tmp"]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_is_launched_asked_and_stopped()
    {
        using CommandRun train = Train(Command("disttrain train job.yaml --engine processes --workers"));
        await StepAsync(train);

        string status = await AskAsync("disttrain status");
        Assert.Contains("worker 1", status, StringComparison.Ordinal);
        await AskAsync("disttrain stop");

        Assert.Equal(0, await train.ExitAsync());
        Assert.Equal("done", last);
    }

    [Fact]
    public async Task A_worker_joins_over_TCP_with_certificates()
    {
        const string Address = "192.168.0.7:7300", Host = "127.0.0.1";
        var certificates = new CertificateFolder(folder.Path);
        certificates.EnsureAuthority();
        certificates.MakeNode(Host);
        foreach (string node in new[] { "a", "b" })
        {
            File.Copy(certificates.CertificatePath(Host), folder[$"{node}.pem"]);
            File.Copy(certificates.KeyPath(Host), folder[$"{node}.key"]);
        }

        using CommandRun train = Train(Command("disttrain train job.yaml --engine processes --listen").Replace(Address, $"{Host}:0", StringComparison.Ordinal));
        await StepAsync(train);
        string run = Assert.Single(Directory.GetDirectories(folder["runs"]));
        string door = (await RunControl.StatusAsync(run)).Listen!;
        using CommandRun join = Start(Command("disttrain join").Replace(Address, door, StringComparison.Ordinal));

        // With a share of the slices it computes.
        using var deadline = new CancellationTokenSource(CommandRun.Patience);
        RunReport report = await RunControl.StatusAsync(run);
        while (!report.Machines.Any(machine => report.Nodes.Any(node => node.Node == machine.Node && node.ProcessId == join.ProcessId) && machine.Ranges.Count > 0))
        {
            Assert.False(deadline.IsCancellationRequested, $"{train.Text}\n{join.Text}");
            await StepAsync(train);
            report = await RunControl.StatusAsync(run);
        }

        await AskAsync("disttrain stop");
        Assert.Equal(0, await train.ExitAsync());
        Assert.Equal(0, await join.ExitAsync());
    }

    private Dictionary<string, string> Environment => new() { ["TMPDIR"] = folder["tmp"], ["DOTNET_TieredCompilation"] = "1" };

    /// <summary>The page's line that begins so, without its comment.</summary>
    private static string Command(string start) => Assert.Single(Page, line => line.StartsWith(start, StringComparison.Ordinal)).Split(" #")[0].Trim();

    private CommandRun Start(string command, params string[] more) =>
        new([], Environment, [.. CommandBlock.Arguments(command)[1..], .. more], more.Length > 0 ? Take : null, folder.Path);

    private CommandRun Train(string command) => Start(command, "--json");

    private void Take(string line)
    {
        last = (string?)JsonNode.Parse(line)!["event"];
        if (last == "step")
        {
            Interlocked.Increment(ref steps);
        }
    }

    private Task StepAsync(CommandRun train)
    {
        int before = Volatile.Read(ref steps);
        return train.UntilAsync(() => Volatile.Read(ref steps) > before, "the next step");
    }

    private async Task<string> AskAsync(string command)
    {
        (int exitCode, string output) = await BuiltCommand.RunDotNetAsync(CommandBlock.Arguments(Command(command)), folder.Path, CommandRun.Patience);
        Assert.True(exitCode == 0, $"{command}: {exitCode}\n{output}");
        return output;
    }
}
