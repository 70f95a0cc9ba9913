using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DistTrain.Cluster.Tests;

public class NodeServicesTests
{
    private static readonly TimeSpan DurationMax = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_programs_host_starts_a_node_and_lets_it_leave()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDistTrainNode(
            ClusterSettings.Shipped("common.conf"), "akka.remote.dot-netty.tcp.port = 0\ndisttrain.node.api.port = 0\nakka.cluster.roles = [worker]\n");
        using IHost host = builder.Build();
        using var deadline = new CancellationTokenSource(DurationMax);

        await host.StartAsync(deadline.Token);
        await host.StopAsync(deadline.Token);

        Assert.False(deadline.IsCancellationRequested);
    }

    [Fact]
    public async Task A_node_that_is_removed_ends_its_program()
    {
        await using LocalCluster cluster = new();
        ClusterNode first = await cluster.AddAsync("worker");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        string settings = Path.Combine(cluster.Runs, "node.conf");
        await File.WriteAllTextAsync(settings, ClusterSettings.Of("worker", cluster.Runs, first.Address));
        builder.Services.AddDistTrainNode(settings);
        using IHost host = builder.Build();
        var stopping = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await host.StartAsync(cluster.Deadline);

        Akka.Cluster.Cluster.Get(first.System).Down(Akka.Cluster.Cluster.Get(first.System).State.Members.Last(member => $"{member.Address}" != first.Address).Address);

        await stopping.Task.WaitAsync(cluster.Deadline);
    }
}
