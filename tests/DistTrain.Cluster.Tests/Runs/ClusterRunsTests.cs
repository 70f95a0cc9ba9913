using Akka.Remote;
using Akka.Remote.Transport;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.Cluster.Tests;

/// <summary>Runs on clusters to which something happens: each must end with the bits of one process.</summary>
public sealed class ClusterRunsTests
{
    private const string Everything = "coordinator, server, worker";
    private const string Machines = "server, worker";
    private const string Candidate = "coordinator";

    [Fact]
    public async Task Three_nodes_train_to_the_bits_of_one_process()
    {
        await using LocalCluster cluster = new();
        ClusterNode first = await cluster.AddAsync(Everything);
        ClusterNode second = await cluster.AddAsync(Machines);
        await cluster.AddAsync(Machines);

        LocalCluster.FollowedRun run = await cluster.SubmitAsync(second, SmallJob.Yaml(workers: 3, servers: 3, replicas: 2));

        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
        Assert.Equal(3, run.Seen.OfType<EpochCompleted>().Count());
        Assert.False(first.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_second_run_follows_the_first_with_the_same_nodes()
    {
        await using LocalCluster cluster = new();
        ClusterNode only = await cluster.AddAsync(Everything);

        Assert.Equal(SmallJob.WeightsSha256, await (await cluster.SubmitAsync(only, SmallJob.Yaml())).ToEndAsync());
        Assert.Equal(SmallJob.WeightsSha256, await (await cluster.SubmitAsync(only, SmallJob.Yaml())).ToEndAsync());
    }

    [Fact]
    public async Task A_node_that_joins_takes_part_and_one_that_leaves_is_let_go()
    {
        await using LocalCluster cluster = new();
        ClusterNode first = await cluster.AddAsync(Everything);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml());
        await run.UntilStepAsync(20);

        ClusterNode second = await cluster.AddAsync(Machines);
        await run.UntilReportAsync(report => report.Report?.Machines.Any(machine => machine.Machine == "worker 1" && machine.Ranges.Count > 0) == true);
        await cluster.LeaveAsync(second);

        Assert.Null(await second.Ended);
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_crashed_node_costs_time_and_no_bit(int replicas)
    {
        await using LocalCluster cluster = new();
        ClusterNode first = await cluster.AddAsync(Everything);
        await cluster.AddAsync(Machines);
        ClusterNode third = await cluster.AddAsync(Machines);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 3, servers: 3, replicas));
        await run.UntilStepAsync(50);

        await cluster.CrashAsync(third);

        await run.UntilReportAsync(report => report.Members.Count == 2);
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_singletons_node_goes_the_run_goes_on_elsewhere(bool inOrder)
    {
        await using LocalCluster cluster = new();
        ClusterNode oldest = await cluster.AddAsync(Candidate);
        ClusterNode second = await cluster.AddAsync(Everything);
        await cluster.AddAsync(Machines);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(second, SmallJob.Yaml(workers: 2, servers: 2, replicas: 2));
        await run.UntilStepAsync(50);

        await (inOrder ? cluster.LeaveAsync(oldest) : cluster.CrashAsync(oldest));

        await run.UntilReportAsync(report => report.Singleton == second.Address);
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());

        // The successor has told a beginning of its own.
        Assert.Equal(2, run.Seen.OfType<RunStarted>().Count());
    }

    [Fact]
    public async Task A_cut_that_heals_is_a_suspicion_and_nobody_is_removed()
    {
        const string Patient = "akka.cluster.split-brain-resolver.stable-after = 100s";
        await using LocalCluster cluster = new();
        ClusterNode first = await cluster.AddAsync(Everything, Patient);
        ClusterNode second = await cluster.AddAsync(Machines, Patient);
        ClusterNode third = await cluster.AddAsync(Machines, Patient);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 3, servers: 1));
        await run.UntilStepAsync(20);

        await CutAsync(third, [first, second], Blackhole.Instance);
        ClusterReport? cut = null;
        await run.UntilReportAsync(report => (cut = report).Members.Any(member => member.Status == "unreachable"));
        await CutAsync(third, [first, second], Unthrottled.Instance);

        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
        Assert.Equal(3, cut!.Members.Count);
        Assert.False(third.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_node_that_stays_cut_off_ends_itself_and_the_majority_goes_on()
    {
        await using LocalCluster cluster = new();
        ClusterNode first = await cluster.AddAsync(Everything);
        ClusterNode second = await cluster.AddAsync(Machines);
        ClusterNode third = await cluster.AddAsync(Machines);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 3, servers: 3, replicas: 2));
        await run.UntilStepAsync(20);

        await CutAsync(third, [first, second], Blackhole.Instance);

        Assert.Null(await third.Ended.WaitAsync(cluster.Deadline));
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
        Assert.Equal(2, (await run.ReportAsync())!.Members.Count);
    }

    [Fact]
    public async Task A_node_without_the_clusters_token_is_refused_with_a_reason_on_its_side_too()
    {
        await using LocalCluster cluster = new();
        string token = Path.Combine(cluster.Runs, "token");
        await File.WriteAllTextAsync(token, new string('x', 20));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await cluster.AddAsync(Everything, $"disttrain.node.token-file = \"{token}\"");
        ClusterNode stranger = await cluster.AddAsync(Machines);

        Assert.Contains("no join token", await stranger.Ended.WaitAsync(cluster.Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_run_ends_with_a_checkpoint_and_a_wrong_job_is_the_submitters_mistake()
    {
        await using LocalCluster cluster = new();
        ClusterNode only = await cluster.AddAsync(Everything);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(only, SmallJob.Yaml());
        await run.UntilStepAsync(20);
        Akka.Actor.ActorSelection singleton = only.System.ActorSelection("/user/to-singleton");

        Assert.False((await Akka.Actor.Futures.Ask<RequestRefused>(singleton, new SubmitRun(SmallJob.Yaml()), cluster.Deadline)).IsBadInput);
        await Akka.Actor.Futures.Ask<RunTaken>(singleton, new EndRun(), cluster.Deadline);
        await run.ToEndAsync();

        RunDone done = run.Seen.OfType<RunDone>().Single();
        Assert.InRange(done.Steps, 20, 470);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(done.Run!, "checkpoints"), "*", SearchOption.AllDirectories));
        Assert.True((await Akka.Actor.Futures.Ask<RequestRefused>(singleton, new SubmitRun("version: 1\ntrain: { epochs: no }\n"), cluster.Deadline)).IsBadInput);
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
