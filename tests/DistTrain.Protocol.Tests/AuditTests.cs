namespace DistTrain.Protocol.Tests;

/// <summary>Audits story by story: who computes wrong is named, whoever is lost meanwhile; mixtures at random are the simulator's.</summary>
public class AuditTests
{
    private static readonly RunPlan Plan = new() { Samples = 53, Batch = 16, Slices = 8, Passes = 3 };
    private static readonly LinearJob Job = new(Plan, 5, 9, 17, 12, 4, 13);
    private int spoiled;

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(11, 2)]
    public void A_calm_run_with_every_range_audited_ends_with_the_oracles_bits(int workers, int servers)
    {
        DirectCluster cluster = Cluster(workers, servers);
        cluster.Run();

        AssertOracle(cluster);
        RunCompleted completed = cluster.Events.OfType<RunCompleted>().Single();

        // Slices with samples, or ranges of several: 4 steps a pass, the last one of 5 samples in 8 slices.
        Assert.InRange(completed.AuditedRanges, 2 * Plan.End.Value, 8 * Plan.End.Value);
        Assert.Equal(0, completed.DroppedSamples);
        cluster.Drain();
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.5)]
    public void About_the_share_of_the_ranges_is_audited(double share)
    {
        RunPlan plan = Plan with { Samples = 1600 };
        var job = new LinearJob(plan, 5);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 8, AuditShare = share, AuditSeed = 7 });
        cluster.Run();

        double ranges = 8.0 * plan.End.Value;
        Assert.InRange(cluster.Events.OfType<RunCompleted>().Single().AuditedRanges, ranges * share * 0.6, ranges * share * 1.4);
        Assert.Equal(job.Oracle(plan.End.Value).Weights, cluster.WeightsAt(plan.End));
    }

    [Fact]
    public void What_is_not_audited_is_not_detected()
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 3 });
        Spoil(cluster, MachineId.Worker(1));
        cluster.Run();

        Assert.True(spoiled > 0);
        Assert.Empty(cluster.Events.OfType<WorkerNamed>());
        Assert.NotEqual(Job.Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
    }

    [Fact]
    public void The_wrong_worker_is_named_dropped_and_never_accepted_again()
    {
        DirectCluster cluster = Cluster(3, 2);
        Spoil(cluster, MachineId.Worker(1));
        cluster.Run(() => cluster.Events.OfType<WorkerNamed>().Any());
        Refused? refused = null;
        cluster.Delivers = (to, message) =>
        {
            refused = to == MachineId.Worker(1) ? message as Refused ?? refused : refused;
            return true;
        };
        cluster.Run();

        AssertNamed(cluster, MachineId.Worker(1));
        Assert.Equal(RefusalReason.ComputesWrong, refused?.Reason);
        Assert.Contains(MachineId.Worker(1), cluster.Left);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whoever_is_lost_during_a_dispute_the_wrong_worker_is_named(int lost)
    {
        DirectCluster cluster = Cluster(5, 2);
        Spoil(cluster, MachineId.Worker(1));
        cluster.Run(() => spoiled > 0);
        cluster.Kill(MachineId.Worker(lost));
        cluster.Run();

        AssertNamed(cluster, MachineId.Worker(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_server_lost_during_a_dispute_changes_nothing_but_the_time(int replicas)
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 4, Servers = 3, Replicas = replicas, AuditShare = 1 });
        Spoil(cluster, MachineId.Worker(2));
        cluster.Run(() => spoiled > 0);
        cluster.Kill(MachineId.Server(1));
        cluster.Run();

        AssertNamed(cluster, MachineId.Worker(2));
    }

    [Fact]
    public void A_successor_knows_who_was_named()
    {
        DirectCluster cluster = Cluster(4, 2);
        Spoil(cluster, MachineId.Worker(2));
        bool told = false;
        cluster.Delivers = (to, message) =>
        {
            told |= to == MachineId.Server(0) && message is DirectServer { Progress.Wrong: [2] };

            // The wrong one hears nothing, so it goes on.
            return to != MachineId.Worker(2) || message is not Refused;
        };
        cluster.Run(() => told);
        cluster.SucceedCoordinator(2);
        cluster.Run();

        AssertOracle(cluster);
        Assert.Single(cluster.Events.OfType<WorkerNamed>());
        Assert.DoesNotContain(new MemberJoined(MachineId.Worker(2)), cluster.Events.SkipWhile(happened => happened is not RunTakenOver));
    }

    [Fact]
    public void A_coordinator_lost_during_a_dispute_leaves_it_to_its_successor()
    {
        DirectCluster cluster = Cluster(4, 2);
        Spoil(cluster, MachineId.Worker(2));
        cluster.Run(() => spoiled > 0);
        cluster.SucceedCoordinator(2);
        cluster.Run();

        AssertNamed(cluster, MachineId.Worker(2));
    }

    [Fact]
    public void Two_workers_that_differ_end_the_run_with_both_names()
    {
        DirectCluster cluster = Cluster(2, 1);
        Spoil(cluster, MachineId.Worker(1));
        cluster.Run();

        RunFailed failed = Assert.Single(cluster.Events.OfType<RunFailed>());
        Assert.Contains("worker 0", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("worker 1", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("no third worker", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Three_values_end_the_run()
    {
        DirectCluster cluster = Cluster(3, 1);
        Spoil(cluster, MachineId.Worker(1), MachineId.Worker(2));
        cluster.Run();

        Assert.Contains("different sums; at least two", Assert.Single(cluster.Events.OfType<RunFailed>()).Reason, StringComparison.Ordinal);
        Assert.Empty(cluster.Events.OfType<WorkerNamed>());
    }

    [Fact]
    public void One_worker_alone_is_told_of_and_another_one_that_joins_is_used()
    {
        DirectCluster cluster = Cluster(1, 1);
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 3);
        Assert.Single(cluster.Events.OfType<AuditsPaused>());
        cluster.AddWorker(7);
        cluster.Run();

        AssertOracle(cluster);
        Assert.Single(cluster.Events.OfType<AuditsPaused>());
        Assert.InRange(cluster.Events.OfType<RunCompleted>().Single().AuditedRanges, 2, Plan.End.Value * 8);
    }

    [Fact]
    public void When_one_worker_is_left_the_run_goes_on_without_audits()
    {
        DirectCluster cluster = Cluster(3, 2);
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 3);
        cluster.Kill(MachineId.Worker(0));
        cluster.Kill(MachineId.Worker(2));
        cluster.Run();

        AssertOracle(cluster);
        Assert.Single(cluster.Events.OfType<AuditsPaused>());
    }

    private static DirectCluster Cluster(int workers, int servers) =>
        new(Job, new ProtocolOptions { Workers = workers, Servers = servers, LeashSteps = 4, AuditShare = 1 });

    /// <summary>Every sum of one block that these workers push has a wrong float, each worker's another one.</summary>
    private void Spoil(DirectCluster cluster, params MachineId[] workers) => cluster.Spoils = (from, message) =>
    {
        if (message is PushGradient push && push.Block.Value == 3 && workers.Contains(from))
        {
            spoiled++;
            push.Gradient.Span[from.Number] += 1;
        }
    };

    private void AssertNamed(DirectCluster cluster, MachineId worker)
    {
        Assert.True(spoiled > 0);
        AssertOracle(cluster);
        Assert.Equal(worker, Assert.Single(cluster.Events.OfType<WorkerNamed>()).Worker);
    }

    private static void AssertOracle(DirectCluster cluster) =>
        Assert.Equal(Job.Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
}
