using DistTrain.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DistTrain.Cluster.Tests;

/// <summary>The program of docs/cluster.md.</summary>
internal static class NodeInAHost
{
    public static async Task RunAsync(string[] args)
    {
        // docs/cluster.md begins
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddDistTrainNode("cluster-config/worker.conf");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(40));
        await builder.Build().RunAsync();
        // docs/cluster.md ends
    }
}
