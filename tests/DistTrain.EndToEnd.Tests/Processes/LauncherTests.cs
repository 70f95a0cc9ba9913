using System.Diagnostics;
using System.Text.Json.Nodes;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The command that launches processes: how it ends, they end.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public async Task A_killed_launcher_leaves_no_process_and_no_socket()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "children are found in /proc");
        using CliProcess cli = Train();
        await StepAsync(cli);
        List<Process> children = [.. ChildrenOf(cli.ProcessId).Select(Process.GetProcessById)];
        Assert.Equal(3, children.Count);
        Assert.NotEmpty(Sockets());
        if (Cores.Allowed().Count > 1)
        {
            // The coordinator's process may use all; each worker's its own.
            string all = CoresOf(System.Environment.ProcessId);
            Assert.Equal(2, children.Select(child => CoresOf(child.Id)).Where(cores => cores != all).Distinct().Count());
        }

        cli.Kill();

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        foreach (Process child in children)
        {
            await child.WaitForExitAsync(deadline.Token);
            child.Dispose();
        }

        Assert.Empty(Sockets());
        Assert.False(File.Exists(Live));
    }

    [Fact]
    public async Task A_live_run_tells_how_it_goes_and_stops_when_asked()
    {
        using CliProcess cli = Train();
        await StepAsync(cli);

        RunReport report = await RunControl.StatusAsync(folder["run"]);

        Assert.Equal(1_000_000, report.TotalSteps);
        Assert.Equal(["coordinator", "worker 0", "worker 1"], report.Nodes.Select(node => node.Name));
        Assert.All(report.Nodes, node => Assert.NotEqual(cli.ProcessId, node.ProcessId));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Live));
        }

        await RunControl.StopAsync(folder["run"]);
        JsonNode? last = null;
        while (await cli.ReadAsync() is { } line)
        {
            last = line;
        }

        Assert.Equal(0, await cli.ExitAsync());
        Assert.Equal("done", (string?)last!["event"]);
        Assert.InRange((long)last["steps"]!, 1, 999_999);
        UserError gone = await Assert.ThrowsAsync<UserError>(() => RunControl.StatusAsync(folder["run"]));
        Assert.Contains("no run is live there", gone.Message, StringComparison.Ordinal);
    }

    /// <summary>With a token; the joined worker leaves politely and the run ends with the oracle's bits.</summary>
    [SkippableFact]
    [Trait("Category", "Long")]
    public async Task A_worker_joins_from_outside_and_leaves_politely()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGTERM");
        using CliProcess cli = Train("--listen", "127.0.0.1:0");
        await StepAsync(cli);
        RunReport report = await RunControl.StatusAsync(folder["run"]);
        using var joined = new CliProcess(Environment(), "join", report.Listen!, "--threads", "1", "--server");
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!report.Machines.Any(machine => IsOnJoined(machine, report) && machine.Ranges.Count > 0))
        {
            await StepAsync(cli);
            deadline.Token.ThrowIfCancellationRequested();
            report = await RunControl.StatusAsync(folder["run"]);
        }

        joined.Terminate();
        Assert.Equal(0, await joined.ExitAsync());
        await StepAsync(cli);
        await RunControl.StopAsync(folder["run"]);
        JsonNode? last = null;
        while (await cli.ReadAsync() is { } line)
        {
            last = line;
        }

        Assert.Equal(0, await cli.ExitAsync());
        Job job = JobFile.Load(folder["job.yaml"]);
        Assert.Equal(HardJob.OracleHash(job with { Train = job.Train with { Steps = (long)last!["steps"]! } }), (string?)last["weights_sha256"]);
    }

    [SkippableFact]
    public async Task A_terminated_launcher_ends_its_processes_after_a_checkpoint()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "children are found in /proc");
        using CliProcess cli = Train();
        await StepAsync(cli);
        int[] children = [.. ChildrenOf(cli.ProcessId)];
        Assert.Equal(3, children.Length);

        cli.Terminate();

        JsonNode? last = null;
        while (await cli.ReadAsync() is { } line)
        {
            last = line;
        }

        Assert.Equal(143, await cli.ExitAsync());
        Assert.Equal("interrupted", (string?)last!["event"]);
        Assert.True((long)last["step"]! > 0);
        Assert.DoesNotContain(children, child => Directory.Exists($"/proc/{child}"));
        Assert.Empty(Sockets());
    }

    /// <summary>With a folder of its own for sockets.</summary>
    private CliProcess Train(params string[] more)
    {
        File.WriteAllText(folder["job.yaml"], HardJob.Yaml.Replace("steps: 10", "steps: 1000000", StringComparison.Ordinal).Replace("epochs: 4", "epochs: 1000000", StringComparison.Ordinal));
        Directory.CreateDirectory(folder["tmp"]);
        return new CliProcess(
            Environment(),
            ["train", folder["job.yaml"], "--json", "--engine", "processes", "--workers", "2", "--threads", "1", "--out", folder["run"], .. more]);
    }

    private Dictionary<string, string> Environment() =>
        new() { ["TMPDIR"] = folder["tmp"], ["DOTNET_TieredCompilation"] = "1", [LaneToken.Variable] = "0123456789abcdef" };

    private static bool IsOnJoined(MachineReport machine, RunReport report) =>
        report.Nodes.FirstOrDefault(node => node.Node == machine.Node)?.Name.StartsWith("joined", StringComparison.Ordinal) == true;

    private string Live => Path.Combine(folder["run"], "live.json");

    private string[] Sockets() => Directory.GetDirectories(folder["tmp"], "disttrain-*");

    private static async Task StepAsync(CliProcess cli)
    {
        while (await cli.ReadAsync() is { } line)
        {
            if ((string?)line["event"] == "step")
            {
                return;
            }
        }

        Assert.Fail(await cli.ErrorAsync());
    }

    private static string CoresOf(int process) =>
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));

    /// <summary>Children belong to the thread that started them.</summary>
    private static IEnumerable<int> ChildrenOf(int parent) => Directory.GetDirectories($"/proc/{parent}/task")
        .SelectMany(task => ReadIfThere(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));

    private static string ReadIfThere(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // The thread has ended; its children are another one's.
            return "";
        }
    }
}
