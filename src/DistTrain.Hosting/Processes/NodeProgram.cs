using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace DistTrain.Hosting;

/// <summary>A child of a launcher: what the hidden command of the command line runs.</summary>
public static class NodeProgram
{
    /// <summary>Bytes of the first line at most.</summary>
    private const int BootBytesMax = 64 * 1024;

    /// <summary>Last on the lifeline of a node that is to end while the run goes on.</summary>
    internal const char Farewell = '.';

    /// <summary>Runs a node until its part is over or the launcher is gone, however that ended.</summary>
    /// <param name="lifeline">From the launcher: one line of orders; its end means that the launcher has ended.</param>
    /// <param name="log">For people.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(Stream lifeline, TextWriter log)
    {
        ArgumentNullException.ThrowIfNull(lifeline);
        ArgumentNullException.ThrowIfNull(log);
        if (await ReadBootAsync(lifeline).ConfigureAwait(false) is not { } boot)
        {
            await log.WriteLineAsync("this command is started by 'disttrain train --engine processes', which tells it what to do").ConfigureAwait(false);
            return NodeExit.Failed;
        }

        LaneSecurity security = boot.Security.ToLanes();
        using var host = new NodeHost(
            receiver => new LaneNetwork(new NodeName(boot.Node, boot.Run), [.. boot.Listen.Select(address => LaneAddress.Parse("launcher", address))], security, receiver, log.WriteLine, new SharedArena()),
            boot.Launcher,
            log);
        host.Begin();

        // Ctrl-C reaches every process of a terminal; the launcher decides what it means.
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            host.RequestLeave();
        });
        Task<bool> orphaned = WaitForEndAsync(lifeline);
        if (await Task.WhenAny(host.Ended, orphaned).ConfigureAwait(false) == orphaned && !host.Ended.IsCompleted)
        {
            if (await orphaned.ConfigureAwait(false))
            {
                // Not before: others of the run still meet there.
                Remove(boot.Folder);
                LiveFile.Remove(boot.RunFolder);
            }

            return NodeExit.Orphaned;
        }

        return await host.Ended.ConfigureAwait(false);
    }

    private static async Task<NodeBoot?> ReadBootAsync(Stream lifeline)
    {
        var line = new List<byte>();
        byte[] one = new byte[1];
        while (line.Count < BootBytesMax && await lifeline.ReadAsync(one).ConfigureAwait(false) == 1 && one[0] != '\n')
        {
            line.Add(one[0]);
        }

        try
        {
            return NodeBoot.Parse(Encoding.UTF8.GetString([.. line]));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Waits for the end of the lifeline; whether the launcher has ended with it, having said no farewell.</summary>
    private static async Task<bool> WaitForEndAsync(Stream lifeline)
    {
        byte[] word = new byte[64];
        bool isOrphan = true;
        try
        {
            while (await lifeline.ReadAsync(word).ConfigureAwait(false) > 0)
            {
                isOrphan = false;
            }
        }
        catch (IOException)
        {
            // As good as its end.
        }

        return isOrphan;
    }

    /// <summary>Every child that outlives the launcher tries; the first ones win.</summary>
    private static void Remove(string? folder)
    {
        try
        {
            if (folder is not null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another child was quicker, or is at it.
        }
    }
}
