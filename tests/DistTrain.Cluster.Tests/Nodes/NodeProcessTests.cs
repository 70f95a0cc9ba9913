using System.Diagnostics;
using System.Globalization;

namespace DistTrain.Cluster.Tests;

/// <summary>disttrain-node as the process that a person or a container starts and stops.</summary>
public class NodeProcessTests : IDisposable
{
    private static readonly TimeSpan DurationMax = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-node-").FullName;

    [SkippableTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_makes_the_node_leave_and_end_with_code_0(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "no signals between processes on Windows");
        string config = Path.Combine(folder, "node.conf");
        await File.WriteAllTextAsync(config, $"include \"{Path.Combine(AppContext.BaseDirectory, "cluster-config", "common.conf")}\"\nakka.remote.dot-netty.tcp.port = 0\ndisttrain.node.api.port = 0\n");
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

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static Process Start(string config) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "disttrain-node.dll"), config])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("dotnet did not start");

    private static async Task<string> LineStartingWith(string start, Process process, CancellationToken deadline)
    {
        List<string> seen = [];
        while (await process.StandardOutput.ReadLineAsync(deadline) is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return line;
            }

            seen.Add(line);
        }

        throw new InvalidOperationException($"no line '{start}...' in:\n{string.Join('\n', seen)}");
    }
}
