using System.Collections;
using System.Runtime.InteropServices;
using DistTrain.Cluster;
using DistTrain.Tensors;

// disttrain-node [FILE.conf]: joins a cluster, says where it is, hosts what its roles say, leaves on a signal.
// Exit codes: 0 left in order, 2 bad settings, 4 removed or refused by the cluster.
const int ExitDone = 0;
const int ExitBadInput = 2;
const int ExitCluster = 4;

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop);

try
{
    string file = args.Length == 0 ? Path.Combine(AppContext.BaseDirectory, "cluster-config", "one-node.conf") : args[0];
    IEnumerable<KeyValuePair<string, string>> variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? ""));
    ClusterNode node = await ClusterNode.StartAsync($"{NodeConfiguration.Read(file)}\n{EnvironmentSettings.ToHocon(variables)}", stop.Token);
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
