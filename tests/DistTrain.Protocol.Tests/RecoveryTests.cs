using DistTrain.Tensors;

namespace DistTrain.Protocol.Tests;

/// <summary>Servers and coordinators that come and go, story by story; mixtures at random are the simulator's.</summary>
public class RecoveryTests
{
    private static readonly RunPlan Plan = new() { Samples = 53, Batch = 16, Slices = 8, Passes = 3 };
    private static readonly LinearJob Job = new(Plan, 5, 9, 17, 12, 4, 13);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_server_lost_with_replicas_costs_no_committed_step(int servers)
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 3, Servers = servers, Replicas = 2 });
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 5);
        cluster.Kill(MachineId.Server(0));
        cluster.Run();

        AssertOracle(cluster);
        Assert.Equal(Enumerable.Range(0, (int)Plan.End.Value), cluster.Events.OfType<StepCommitted>().Select(step => (int)step.Step.Value));
        Assert.Equal(2, cluster.Events.OfType<RunStarted>().Count());
    }

    [Fact]
    public void Servers_lost_one_after_the_other_cost_nothing_when_others_come()
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 2, Servers = 2, Replicas = 2 });
        for (int i = 0; i < 3; i++)
        {
            int committed = 2 + (3 * i);
            cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == committed);
            cluster.Kill(MachineId.Server(i));
            cluster.AddServer(i + 2);
        }

        cluster.Run();
        AssertOracle(cluster);
        Assert.Equal(Plan.End.Value, cluster.Events.OfType<StepCommitted>().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_successor_goes_on_with_exact_totals(int replicas)
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 3, Servers = 2, Replicas = replicas, LeashSteps = 2 });
        for (int term = 2; term <= 4; term++)
        {
            int committed = 2 * term;
            cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() >= committed);
            cluster.SucceedCoordinator(term);
        }

        cluster.Run();
        AssertOracle(cluster);
        Assert.Equal(3, cluster.Events.OfType<RunTakenOver>().Count());
        Assert.All(cluster.Events.OfType<RunStarted>().Skip(1), started => Assert.True(started.Version.Value > 0, "a successor began again"));
    }

    [Fact]
    public void A_successor_knows_of_a_stop_request_that_any_server_has_heard_of()
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 2, Servers = 2, LeashSteps = 2 });
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 3);

        // No worker gets its orders any more, so the run cannot end before the coordinator is lost.
        bool heard = false;
        cluster.Delivers = (to, message) =>
        {
            heard |= to == MachineId.Server(0) && message is DirectServer { Progress.Stopping: true };
            return message is not DirectWorker;
        };
        cluster.Tell(MachineId.Coordinator, new StopRequested());
        cluster.Run(() => heard);
        cluster.SucceedCoordinator(2);
        cluster.Delivers = (_, _) => true;
        cluster.Run();

        RunCompleted completed = cluster.Events.OfType<RunCompleted>().Single();
        Assert.True(completed.Stopped);
        Assert.InRange(completed.Version.Value, 3, Plan.End.Value - 1);
        Assert.Equal(Job.Oracle(completed.Version.Value).Weights, cluster.WeightsAt(completed.Version));
    }

    [Fact]
    public void A_successor_of_a_steered_run_goes_on_from_the_newest_version()
    {
        var loss = new MonitoredMean(0, Maximize: false);
        RunPlan plan = Plan with
        {
            Passes = 6,
            Evaluations = [new EvaluationSet("validation", 9, 4, EvaluationTiming.EveryPass)],
            Steering = new SteeringPlan(0, new SteeringRules(new PlateauRule(loss, 0.5, 1, MinDelta: 1e9, 0, 0.01), null)),
        };
        var job = new LinearJob(plan, 5, 9, 17, 12, 4, 13);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 3, Servers = 2, LeashSteps = 2 });
        List<long> began = [];
        for (int term = 2; term <= 5; term++)
        {
            // Within passes and right after a measurement.
            int committed = (plan.StepsPerPass * (term - 1)) + (term / 4);
            cluster.Run(() => cluster.Events.OfType<StepCommitted>().Select(step => step.Step).Distinct().Count() >= committed);
            cluster.SucceedCoordinator(term);
            cluster.Run(() => cluster.Events.OfType<RunStarted>().Count() == term);
            began.Add(cluster.Events.OfType<RunStarted>().Last().Version.Value - committed);
        }

        cluster.Run();
        Assert.All(began, ahead => Assert.InRange(ahead, 0, 2));
        Assert.Equal(0.03125, cluster.Events.OfType<RunSteered>().Last().State.RateFactor);
        Assert.Equal(job.Oracle(plan.End.Value).Weights, cluster.WeightsAt(plan.End));
    }

    [Fact]
    public void A_coordinator_that_was_succeeded_leaves_when_a_member_refuses_it()
    {
        var old = new CoordinatorMachine(Plan, Job.Blocks, new ProtocolOptions(), DirectCluster.Identity, RunStart.New);
        var outbox = new Outbox();
        old.Step(new MessageArrived(MachineId.Server(0), new Refused(RunEpoch.Before(term: 2), RefusalReason.StaleEpoch, "over")), outbox);

        Assert.True(old.HasEnded);
        Assert.IsType<Leave>(Assert.Single(outbox.Effects));
    }

    [Fact]
    public void Whoever_leaves_politely_costs_nothing()
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 3, Servers = 2 });
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 3);
        cluster.Tell(MachineId.Worker(1), new LeaveRequested());
        cluster.Tell(MachineId.Server(0), new LeaveRequested());
        cluster.Run(() => cluster.Left.Count == 2);
        Assert.Null(cluster.Events.OfType<RunCompleted>().SingleOrDefault());
        cluster.Run();

        AssertOracle(cluster);
        Assert.Equal(Plan.End.Value, cluster.Events.OfType<StepCommitted>().Count());
        Assert.Equal([MachineId.Server(0), MachineId.Worker(1)], cluster.Events.OfType<MemberGone>().Select(gone => gone.Member).Order());
    }

    /// <summary>Shards that nobody answered, sums on their way to replicas, audited sums, held blocks: all of it ends with its run epoch.</summary>
    [Fact]
    public void Nothing_of_a_run_epoch_that_ended_is_kept()
    {
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 3, Servers = 3, Replicas = 2, CheckpointEverySteps = 1, AuditShare = 1 });
        for (int i = 0; i < 3; i++)
        {
            int committed = 2 + (2 * i);
            cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() >= committed);
            cluster.AddServer(3 + i);
            cluster.Tell(MachineId.Server(i), new LeaveRequested());
        }

        cluster.Run(() => cluster.Events.OfType<RunStarted>().Count() == 4);
        cluster.SucceedCoordinator(2);
        cluster.Run();

        AssertOracle(cluster);
        Assert.InRange(cluster.Events.OfType<RunStarted>().Count(), 4, 9);
        cluster.Drain();
        Assert.Equal(0, cluster.Pool.BuffersRented);
    }

    private static void AssertOracle(DirectCluster cluster)
    {
        (float[] weights, List<PassTotals> passes) = Job.Oracle(Plan.End.Value);
        Assert.Equal(weights, cluster.WeightsAt(Plan.End));
        Assert.Equal(passes, cluster.Events.OfType<PassCompleted>().GroupBy(pass => pass.Version).Select(pass => pass.Last().Totals));
        Assert.Equal(3 * 53, cluster.Events.OfType<RunCompleted>().Single().CommittedSamples);
    }
}
