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
        await using LocalCluster cluster = new(hold: 100);
        ClusterNode first = await cluster.AddAsync(Everything);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml());
        await cluster.Gate.ReachedAsync(20);

        ClusterNode second = await cluster.AddAsync(Machines);
        await run.UntilReportAsync(report => report.Report?.Machines.Any(machine => machine.Machine == "worker 1" && machine.Ranges.Count > 0) == true);
        cluster.Gate.HoldAt(400);
        await cluster.LeaveAsync(second);
        await run.UntilReportAsync(report => report.Members.Count == 1);
        cluster.Gate.Open();

        Assert.Null(await second.Ended);
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_crashed_node_costs_time_and_no_bit(int replicas)
    {
        await using LocalCluster cluster = new(hold: 300);
        ClusterNode first = await cluster.AddAsync(Everything);
        await cluster.AddAsync(Machines);
        ClusterNode third = await cluster.AddAsync(Machines);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 3, servers: 3, replicas));
        await cluster.Gate.ReachedAsync(50);

        await cluster.CrashAsync(third);

        await run.UntilReportAsync(report => report.Members.Count == 2 && report.Report?.Machines.Count == 4);
        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    [Theory]
    [InlineData(Candidate, true)]
    [InlineData(Candidate, false)]
    [InlineData(Everything, true)]
    [InlineData(Everything, false)]
    public async Task When_the_singletons_node_goes_the_run_goes_on_elsewhere_from_where_it_was(string roles, bool inOrder)
    {
        // There is no checkpoint before step 100: what the successor has, it has from servers.
        await using LocalCluster cluster = new(hold: 90);
        ClusterNode oldest = await cluster.AddAsync(roles);
        ClusterNode second = await cluster.AddAsync(Everything);
        await cluster.AddAsync(Machines);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(second, SmallJob.Yaml(workers: 2, servers: 2, replicas: 2));

        // What a singleton has told goes with it, unless others have heard it.
        await run.UntilAsync<RunStarted>();
        await cluster.Gate.ReachedAsync(50);

        await (inOrder ? cluster.LeaveAsync(oldest) : cluster.CrashAsync(oldest));

        ClusterReport after = await run.UntilReportAsync(report => report.Singleton == second.Address && report.Report is { Phase: "running" });
        Assert.InRange(after.Report!.Step, 50, 98);
        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());

        // The successor has told a beginning of its own.
        Assert.Equal(2, run.Seen.OfType<RunStarted>().Count());
    }

    [Fact]
    public async Task A_stopped_run_ends_with_a_checkpoint_and_a_wrong_job_is_the_submitters_mistake()
    {
        await using LocalCluster cluster = new(hold: 300);
        ClusterNode only = await cluster.AddAsync(Everything);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(only, SmallJob.Yaml());
        await cluster.Gate.ReachedAsync(20);
        Akka.Actor.ActorSelection singleton = only.System.ActorSelection("/user/to-singleton");

        Assert.False((await Akka.Actor.Futures.Ask<RequestRefused>(singleton, new SubmitRun(SmallJob.Yaml()), cluster.Deadline)).IsBadInput);
        await Akka.Actor.Futures.Ask<RunTaken>(singleton, new EndRun(), cluster.Deadline);
        cluster.Gate.Open();
        await run.ToEndAsync();

        RunDone done = run.Seen.OfType<RunDone>().Single();
        Assert.InRange(done.Steps, 20, 469);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(done.Run!, "checkpoints"), "*", SearchOption.AllDirectories));
        Assert.True((await Akka.Actor.Futures.Ask<RequestRefused>(singleton, new SubmitRun("version: 1\ntrain: { epochs: no }\n"), cluster.Deadline)).IsBadInput);
    }

    [Fact]
    public async Task A_run_that_waits_for_its_first_machines_can_be_stopped()
    {
        await using LocalCluster cluster = new();
        ClusterNode only = await cluster.AddAsync(Everything);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(only, SmallJob.Yaml(workers: 3, servers: 3));
        await run.UntilReportAsync(report => report.Report is { Phase: "gathering" });

        await Akka.Actor.Futures.Ask<RunTaken>(only.System.ActorSelection("/user/to-singleton"), new EndRun(), cluster.Deadline);

        await run.ToEndAsync();
        Assert.Equal(0, run.Seen.OfType<RunDone>().Single().Steps);
    }

    [Fact]
    public async Task A_run_that_has_lost_all_its_machines_ends_with_its_newest_checkpoint_when_it_is_stopped_twice()
    {
        await using LocalCluster cluster = new(hold: 300);
        ClusterNode only = await cluster.AddAsync(Candidate);
        ClusterNode machines = await cluster.AddAsync(Machines);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(only, SmallJob.Yaml());
        await run.UntilAsync<CheckpointWritten>();
        await cluster.CrashAsync(machines);
        await run.UntilReportAsync(report => report.Members.Count == 1 && report.Report?.Machines.Count == 0);

        Akka.Actor.ActorSelection singleton = only.System.ActorSelection("/user/to-singleton");
        await Akka.Actor.Futures.Ask<RunTaken>(singleton, new EndRun(), cluster.Deadline);
        ClusterReport after = await run.UntilReportAsync(_ => true);
        await Akka.Actor.Futures.Ask<RunTaken>(singleton, new EndRun(), cluster.Deadline);
        await run.ToEndAsync();

        Assert.Equal(ClusterRunState.Live, after.State);
        Assert.Equal(run.Seen.OfType<CheckpointWritten>().Last().Step, run.Seen.OfType<RunDone>().Single().Steps);
    }
}
