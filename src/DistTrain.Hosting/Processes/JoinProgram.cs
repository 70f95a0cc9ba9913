using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DistTrain.Data;

namespace DistTrain.Hosting;

/// <summary>A node that somebody starts, here or on another host, and that joins a run which listens.</summary>
public static class JoinProgram
{
    /// <summary>Hosts a worker, and a server when asked, until the run ends or a signal asks to leave; a second one ends it at once.</summary>
    /// <param name="launcher">Where the run listens.</param>
    /// <param name="security">As the run's.</param>
    /// <param name="threads">Of the worker.</param>
    /// <param name="hasServer">Whether to host a server too.</param>
    /// <param name="dataRoot">Where this host has data sets; null: only the cache.</param>
    /// <param name="fetchesData">Whether the data come from the run even if this host has them.</param>
    /// <param name="chunkFolder">Keeps data that came from the run; null: <see cref="ChunkCache.DefaultFolder"/>.</param>
    /// <param name="log">For people.</param>
    /// <returns>The process's exit code.</returns>
    /// <exception cref="Tensors.UserError">The address can't be dialed with this security.</exception>
    /// <exception cref="EngineFailedException">Nobody answers there, or joining was refused.</exception>
    public static async Task<int> RunAsync(
        LaneAddress launcher, NodeSecurity security, int threads, bool hasServer, string? dataRoot, bool fetchesData, string? chunkFolder, TextWriter log)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(security);
        ArgumentNullException.ThrowIfNull(log);
        LaneSecurity lanes = security.ToLanes();
        lanes.MustAllow(launcher);
        ControlAnswer answer = await RunControl.AskAsync(launcher, lanes, new ControlQuestion(ControlQuestion.Join, threads, hasServer)).ConfigureAwait(false);
        if (answer is not { Node: { } number, Run: { } run })
        {
            throw new EngineFailedException($"{launcher}: {answer.Refusal}");
        }

        await log.WriteLineAsync($"joined {launcher} as node {number}; Ctrl-C leaves when the run can do without").ConfigureAwait(false);
        LaneAddress door = LaneAddress.Tcp(OwnHost(launcher), 0);
        var data = new NodeData(dataRoot ?? "", fetchesData, new ChunkCache(chunkFolder ?? ChunkCache.DefaultFolder));
        using var host = new NodeHost(receiver => new LaneNetwork(new NodeName(number, run), [door], lanes, receiver, log.WriteLine, new SharedArena()), [$"{launcher}"], log, data);
        int signals = 0;
        void Leave(PosixSignalContext context)
        {
            context.Cancel = Interlocked.Increment(ref signals) == 1;
            host.RequestLeave();
        }

        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
        host.Begin();
        int exitCode = await host.Ended.ConfigureAwait(false);
        await log.WriteLineAsync(exitCode == NodeExit.Done ? "its part in the run is over" : "left without being asked to").ConfigureAwait(false);
        return exitCode;
    }

    /// <summary>The address of this host by which it reaches the launcher, and so by which others of the run can reach it.</summary>
    private static string OwnHost(LaneAddress launcher)
    {
        if (launcher.IsLocal)
        {
            return launcher.Host ?? $"{IPAddress.Loopback}";
        }

        // Nothing is sent: connecting a datagram socket only chooses the way.
        using var probe = new UdpClient(launcher.Host!, Math.Max(1, launcher.Port));
        return $"{((IPEndPoint)probe.Client.LocalEndPoint!).Address}";
    }
}
