using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DistTrain.Tensors;

namespace DistTrain.Cluster.Tests;

public class ClusterNodeTests
{
    /// <summary>cluster-config/ as shipped, on a port that the system picks.</summary>
    private static string AnyPort => NodeConfiguration.Read(Shipped("common.conf")) + "\nakka.remote.dot-netty.tcp.port = 0\ndisttrain.node.api.port = 0\n";

    [Fact]
    public async Task A_node_without_seeds_comes_up_alone_and_leaves()
    {
        ClusterNode node = await ClusterNode.StartAsync(AnyPort, Deadline());

        Assert.StartsWith("akka.tcp://disttrain@127.0.0.1:", node.Address, StringComparison.Ordinal);
        Assert.False(node.Ended.IsCompleted);
        await node.LeaveAsync();
        Assert.True(node.Ended.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Leaving_twice_is_leaving_once()
    {
        ClusterNode node = await ClusterNode.StartAsync(AnyPort, Deadline());

        await Task.WhenAll(node.LeaveAsync(), node.LeaveAsync());
        await node.LeaveAsync();
    }

    [Fact]
    public async Task A_second_node_joins_through_the_first_which_stays_when_it_leaves()
    {
        ClusterNode first = await ClusterNode.StartAsync(AnyPort, Deadline());
        ClusterNode second = await ClusterNode.StartAsync($"{AnyPort}\nakka.cluster.seed-nodes = [\"{first.Address}\"]", Deadline());

        Assert.NotEqual(first.Address, second.Address);
        await second.LeaveAsync();
        Assert.False(first.Ended.IsCompleted);
        await first.LeaveAsync();
    }

    [Fact]
    public async Task A_node_whose_seeds_do_not_answer_gives_up_and_names_them()
    {
        string hocon = AnyPort + """
            akka.cluster.seed-nodes = ["akka.tcp://disttrain@127.0.0.1:1"]
            akka.cluster.shutdown-after-unsuccessful-join-seed-nodes = 1s
            akka.cluster.seed-node-timeout = 1s
            """;

        UserError error = await Assert.ThrowsAsync<UserError>(() => ClusterNode.StartAsync(hocon, Deadline()));

        Assert.Contains("seed nodes: akka.tcp://disttrain@127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_the_start_ends_the_node()
    {
        using CancellationTokenSource stop = new();
        Task<ClusterNode> start = ClusterNode.StartAsync($"{AnyPort}\nakka.cluster.seed-nodes = [\"akka.tcp://disttrain@127.0.0.1:1\"]", stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
    }

    [Fact]
    public async Task Settings_that_do_not_parse_are_the_users_mistake()
    {
        UserError error = await Assert.ThrowsAsync<UserError>(() => ClusterNode.StartAsync("akka { loglevel = ", Deadline()));

        Assert.StartsWith("cluster settings: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_the_users_mistake()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        UserError error = await Assert.ThrowsAsync<UserError>(() => ClusterNode.StartAsync($"{AnyPort}\nakka.remote.dot-netty.tcp.port = {port}", Deadline()));

        Assert.Contains("cannot listen", error.Message, StringComparison.Ordinal);
    }

    private static string Shipped(string name) => Path.Combine(AppContext.BaseDirectory, "cluster-config", name);

    /// <summary>Long enough for a busy machine, short enough to see a hang.</summary>
    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
}
