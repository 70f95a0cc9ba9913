using Akka.Remote;
using Akka.Remote.Transport;
using DistTrain.Hosting;

namespace DistTrain.Cluster.Tests;

/// <summary>Nodes that are cut off, vanish, or go and come back, one after the other: a run must end with the bits of one process.</summary>
public sealed class LostNodesTests
{
    private const string Everything = "coordinator, server, worker";
    private const string Machines = "server, worker";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_node_in_turn_may_go_and_come_back(bool inOrder)
    {
        const int Nodes = 3;
        await using LocalCluster cluster = new(hold: 100);
        for (int i = 0; i < Nodes; i++)
        {
            await cluster.AddAsync(Everything);
        }

        string yaml = SmallJob.Yaml(workers: Nodes, servers: Nodes, replicas: 2);
        string name = (await cluster.SubmitAsync(cluster.Nodes[0], yaml)).Name;
        for (int i = 1; i <= Nodes; i++)
        {
            await cluster.Gate.ReachedAsync((100 * i) - 50);
            ClusterNode goes = cluster.Nodes[0];
            await (inOrder ? cluster.LeaveAsync(goes) : cluster.CrashAsync(goes));
            LocalCluster.FollowedRun rest = cluster.Follow(cluster.Nodes[0], name);
            await cluster.AddAsync(Everything);
            await rest.UntilReportAsync(report => report.Singleton == cluster.Nodes[0].Address && report.Members.Count == Nodes
                && report.Report is { Phase: "running" } now && now.Machines.Count == 2 * Nodes && now.Step >= (100 * i) - 50);
            cluster.Gate.HoldAt(100 * (i + 1));
        }

        LocalCluster.FollowedRun run = cluster.Follow(cluster.Nodes[0], name);
        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    [Fact]
    public async Task A_cut_that_heals_is_a_suspicion_and_nobody_is_removed()
    {
        const string Patient = ClusterSettings.Alert + "\nakka.cluster.split-brain-resolver.stable-after = 100s";
        await using LocalCluster cluster = new(hold: 300);
        ClusterNode first = await cluster.AddAsync(Everything, Patient);
        ClusterNode second = await cluster.AddAsync(Machines, Patient);
        ClusterNode third = await cluster.AddAsync(Machines, Patient);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 3, servers: 1));
        await cluster.Gate.ReachedAsync(20);

        await CutAsync(third, [first, second], Blackhole.Instance);
        await run.UntilReportAsync(report => report.Members.Any(member => member.Address == third.Address && member.Status == "unreachable"));
        await CutAsync(third, [first, second], Unthrottled.Instance);
        await run.UntilReportAsync(report => report.Members.Count == 3 && report.Members.All(member => member.Status == "up"));
        cluster.Gate.Open();

        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
        Assert.False(third.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_node_that_stays_cut_off_ends_itself_and_the_majority_goes_on()
    {
        await using LocalCluster cluster = new(hold: 300);
        ClusterNode first = await cluster.AddAsync(Everything, ClusterSettings.Alert);
        ClusterNode second = await cluster.AddAsync(Machines, ClusterSettings.Alert);
        ClusterNode third = await cluster.AddAsync(Machines, ClusterSettings.Alert);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 3, servers: 3, replicas: 2));
        await cluster.Gate.ReachedAsync(20);

        await CutAsync(third, [first, second], Blackhole.Instance);

        Assert.Null(await third.Ended.WaitAsync(cluster.Deadline));
        await run.UntilReportAsync(report => report.Members.Count == 2);
        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    [Fact]
    public async Task A_crash_that_nobody_tells_of_is_found_out()
    {
        await using LocalCluster cluster = new(hold: 300);
        ClusterNode first = await cluster.AddAsync(Everything, ClusterSettings.Alert);
        await cluster.AddAsync(Machines, ClusterSettings.Alert);
        ClusterNode third = await cluster.AddAsync(Machines, ClusterSettings.Alert);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 2, servers: 2));
        await cluster.Gate.ReachedAsync(20);

        await cluster.CrashUnnoticedAsync(third);

        await run.UntilReportAsync(report => report.Members.Count == 2);
        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    private static async Task CutAsync(ClusterNode node, ClusterNode[] others, ThrottleMode mode)
    {
        foreach (ClusterNode other in others)
        {
            Akka.Actor.Address address = Akka.Cluster.Cluster.Get(other.System).SelfAddress;
            Assert.True(await ((IRemoteActorRefProvider)((Akka.Actor.ExtendedActorSystem)node.System).Provider).Transport.ManagementCommand(new SetThrottle(address, ThrottleTransportAdapter.Direction.Both, mode)));
        }
    }
}
