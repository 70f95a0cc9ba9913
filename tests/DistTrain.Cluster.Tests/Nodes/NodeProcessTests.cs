using System.Diagnostics;
using System.Globalization;

namespace DistTrain.Cluster.Tests;

/// <summary>disttrain-node as the process that a person or a container starts and stops.</summary>
public class NodeProcessTests : IDisposable
{
    /// <summary>As for clusters in this process: long enough for a busy machine.</summary>
    private static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(5);

    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-node-").FullName;

    [SkippableTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_makes_the_node_leave_and_end_with_code_0(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "no signals between processes on Windows");
        Skip.If(signal == "INT" && IgnoresInterrupts(), "SIGINT is ignored here, as in what a shell's script has in the background, and processes inherit that");
        string config = await FreePortsAsync();
        using Process node = Start(config);
        using CancellationTokenSource deadline = new(DurationMax);

        string up = await LineStartingWith("up: ", node, deadline.Token);
        using (Process kill = Process.Start("kill", [$"-{signal}", node.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(deadline.Token);
        }

        string left = await LineStartingWith("left: ", node, deadline.Token);
        await node.WaitForExitAsync(deadline.Token);
        Assert.Equal(up["up: ".Length..], left["left: ".Length..]);
        Assert.Equal(0, node.ExitCode);
    }

    [Fact]
    public async Task A_missing_settings_file_is_one_line_and_code_2()
    {
        string missing = Path.Combine(folder, "gone.conf");
        using Process node = Start(missing);
        using CancellationTokenSource deadline = new(DurationMax);

        string error = await node.StandardError.ReadToEndAsync(deadline.Token);
        await node.WaitForExitAsync(deadline.Token);

        Assert.Equal(2, node.ExitCode);
        Assert.Equal($"disttrain-node: {missing}: no such file", error.Trim());
    }

    [Fact]
    public async Task A_health_check_with_the_nodes_settings_is_0_while_it_is_up_and_1_without_it()
    {
        string config = await FreePortsAsync();
        using CancellationTokenSource deadline = new(DurationMax);
        using Process node = Start(config);
        string api = (await LineStartingWith("api: ", node, deadline.Token))["api: ".Length..];
        int port = new Uri(api).Port;

        Assert.Equal((0, "up", ""), await HealthAsync(config, port, deadline.Token));
        node.Kill();
        await node.WaitForExitAsync(deadline.Token);
        (int exitCode, string output, string error) = await HealthAsync(config, port, deadline.Token);
        Assert.Equal((1, ""), (exitCode, error));
        Assert.Contains($"{port}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_without_a_known_port_and_an_unknown_option_are_one_line_and_code_2()
    {
        string config = await FreePortsAsync();
        using CancellationTokenSource deadline = new(DurationMax);

        Assert.Equal(
            (2, "", "disttrain-node: disttrain.node.api.port: found 0, any free one; allowed with --health: the port of the node's HTTP API"),
            await HealthAsync(config, 0, deadline.Token));
        using Process node = Start("--help");
        Assert.Equal((2, "", "disttrain-node: found: --help; allowed: disttrain-node [--health] [FILE.conf]"), await EndAsync(node, deadline.Token));
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static async Task<(int ExitCode, string Output, string Error)> HealthAsync(string config, int port, CancellationToken deadline)
    {
        ProcessStartInfo start = Command("--health", config);
        start.Environment["DISTTRAIN__NODE__API__PORT"] = port.ToString(CultureInfo.InvariantCulture);
        using Process check = Start(start);
        return await EndAsync(check, deadline);
    }

    private static async Task<(int ExitCode, string Output, string Error)> EndAsync(Process process, CancellationToken deadline)
    {
        string output = await process.StandardOutput.ReadToEndAsync(deadline), error = await process.StandardError.ReadToEndAsync(deadline);
        await process.WaitForExitAsync(deadline);
        return (process.ExitCode, output.Trim(), error.Trim());
    }

    private static Process Start(params string[] arguments) => Start(Command(arguments));

    private static Process Start(ProcessStartInfo start) => Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");

    private static ProcessStartInfo Command(params string[] arguments) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "disttrain-node.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>The shipped settings with ports that the system picks.</summary>
    private async Task<string> FreePortsAsync()
    {
        string config = Path.Combine(folder, "node.conf");
        await File.WriteAllTextAsync(config, $"include \"{ClusterSettings.Shipped("common.conf")}\"\nakka.remote.dot-netty.tcp.port = 0\ndisttrain.node.api.port = 0\n");
        return config;
    }

    private static bool IgnoresInterrupts()
    {
        const string Status = "/proc/self/status", Ignored = "SigIgn:";
        string? mask = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Ignored, StringComparison.Ordinal)) : null;
        return mask is not null && (ulong.Parse(mask.AsSpan(Ignored.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0b10) != 0;
    }

    internal static async Task<string> LineStartingWith(string start, Process process, CancellationToken deadline)
    {
        List<string> seen = [];
        try
        {
            while (await process.StandardOutput.ReadLineAsync(deadline) is { } line)
            {
                if (line.StartsWith(start, StringComparison.Ordinal))
                {
                    return line;
                }

                seen.Add(line);
            }
        }
        catch (OperationCanceledException)
        {
            seen.Add("(and then nothing more, for too long)");
        }

        throw new InvalidOperationException($"no line '{start}...' in:\n{string.Join('\n', seen)}");
    }
}
