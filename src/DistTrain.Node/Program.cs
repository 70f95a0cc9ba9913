using System.Runtime.InteropServices;
using DistTrain.Cluster;
using DistTrain.Tensors;

// disttrain-node [FILE.conf]: joins a cluster, says where it is, hosts what its roles say, leaves on a signal.
// disttrain-node --health [FILE.conf]: asks the node that was started with the same settings.
// Exit codes: 0 left in order, or healthy; 1 not healthy; 2 bad settings; 4 removed or refused by the cluster.
const string Usage = "disttrain-node [--health] [FILE.conf]";
const int ExitDone = 0;
const int ExitNotHealthy = 1;
const int ExitBadInput = 2;
const int ExitCluster = 4;

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop);

try
{
    bool isHealthCheck = args is ["--health", ..];
    string[] files = isHealthCheck ? args[1..] : args;
    if (files.Length > 1 || files.FirstOrDefault()?.StartsWith('-') == true)
    {
        throw new UserError($"found: {string.Join(' ', args)}; allowed: {Usage}");
    }

    string file = files.Length == 0 ? Path.Combine(AppContext.BaseDirectory, "cluster-config", "one-node.conf") : files[0];
    string settings = $"{NodeConfiguration.Read(file)}\n{EnvironmentSettings.ToHocon()}";
    if (isHealthCheck)
    {
        string? trouble = await NodeHealth.AskAsync(settings, stop.Token);
        Console.WriteLine(trouble ?? "up");
        return trouble is null ? ExitDone : ExitNotHealthy;
    }

    ClusterNode node = await ClusterNode.StartAsync(settings, stop.Token);
    Console.WriteLine($"up: {node.Address}");
    if (node.Api is { } api)
    {
        Console.WriteLine($"api: {api}");
    }

    Task stopped = Task.Delay(Timeout.Infinite, stop.Token);
    if (await Task.WhenAny(stopped, node.Ended) == node.Ended)
    {
        string? reason = await node.Ended;
        await Console.Error.WriteLineAsync(reason is null
            ? $"disttrain-node: {node.Address} was removed from the cluster"
            : $"disttrain-node: {node.Address} is refused by the cluster: {reason}");
        return ExitCluster;
    }

    await node.LeaveAsync();
    Console.WriteLine($"left: {node.Address}");
    return ExitDone;
}
catch (UserError error)
{
    await Console.Error.WriteLineAsync($"disttrain-node: {error.Message}");
    return ExitBadInput;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitDone;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true; // this process ends itself, once it has left
    stop.Cancel();
}
