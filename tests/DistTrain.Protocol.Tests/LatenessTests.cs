namespace DistTrain.Protocol.Tests;

/// <summary>Workers that are late or suspected and stay members; throughput is the simulator's (SlowWorkerTests).</summary>
public class LatenessTests
{
    private static readonly RunPlan Plan = new()
    {
        Samples = 53,
        Batch = 16,
        Slices = 8,
        Passes = 3,
        Evaluations = [new EvaluationSet("validation", 24, 4, EvaluationTiming.EveryPass)],
    };

    private static readonly LinearJob Job = new(Plan, 5, 9, 17, 12, 4, 13);
    private static readonly MachineId Late = MachineId.Worker(1);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_worker_that_computes_nothing_from_a_step_on_holds_up_nothing_for_long(int from)
    {
        DirectCluster cluster = Cluster(workers: 3);
        cluster.Computes = (worker, _) => worker != Late || Committed(cluster) < from;
        cluster.Run();

        AssertOracle(cluster);
        Assert.Empty(cluster.Events.OfType<MemberGone>());
        Assert.All(cluster.Events.OfType<RangesBacked>(), backed => Assert.Equal(Late, backed.Worker));
        Assert.NotEmpty(cluster.Events.OfType<RangesBacked>());

        // Nothing else takes time here: a few ticks for each time that it had ranges again, until it has none.
        Assert.InRange(cluster.Ticks, 1, 40);
    }

    [Fact]
    public void A_spare_computes_what_the_only_worker_with_ranges_owes()
    {
        var job = new LinearJob(Plan with { Slices = 1 }, 5, 9, 17);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 2, SilenceTicks = 1000 });
        MachineId[] computing = [];
        cluster.Computes = (worker, _) => Committed(cluster) < 3 || !computing.Contains(worker);
        cluster.Run(() => Committed(cluster) == 3);
        computing = [.. cluster.Coordinator.Status.Members.Where(member => member.Ranges.Count > 0).Select(member => member.Member)];
        Assert.Single(computing);
        cluster.Run();

        Assert.Equal(job.Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
        Assert.NotEmpty(cluster.Events.OfType<RangesBacked>());
        Assert.Empty(cluster.Events.OfType<MemberGone>());
    }

    [Fact]
    public void Batches_of_a_worker_that_stands_still_are_evaluated_by_those_that_are_done()
    {
        DirectCluster cluster = Cluster(workers: 3);
        cluster.Computes = (worker, request) => worker != Late || request is ComputeRange;
        cluster.Run(() => cluster.Events.OfType<EvaluationCompleted>().Any());

        Assert.Empty(cluster.Events.OfType<MemberGone>());
        Assert.Empty(cluster.Events.OfType<RangesBacked>());
        Assert.InRange(cluster.Ticks, 1, 8);
    }

    [Fact]
    public void A_suspected_worker_keeps_its_ranges_and_gets_no_new_ones_until_it_is_heard_again()
    {
        DirectCluster cluster = Cluster(workers: 3);
        Dictionary<MachineId, DirectWorker> orders = [];
        cluster.Delivers = (to, message) =>
        {
            if (message is DirectWorker direct)
            {
                orders[to] = direct;
            }

            return true;
        };
        cluster.Run(() => Committed(cluster) == 2);
        DirectWorker before = orders[Late];
        long limit = cluster.Coordinator.Status.Limit.Value;
        cluster.Tell(MachineId.Coordinator, new MemberSuspected(Late, "its lane is broken"));
        cluster.Run(() => orders[Late].Order > before.Order);

        Assert.Equal(RangesAt(before, limit - 1), RangesAt(orders[Late], limit - 1));
        Assert.Empty(RangesAt(orders[Late], limit));
        Assert.All(RangesAt(before, limit - 1), range => Assert.Contains(
            orders.Where(order => order.Key != Late).SelectMany(order => RangesAt(order.Value, limit - 1)), range.Contains));

        cluster.Tell(MachineId.Coordinator, new MemberHeard(Late));
        cluster.Run(() => Committed(cluster) == 9);
        Assert.NotEmpty(RangesAt(orders[Late], Plan.End.Value));
        cluster.Run();
        AssertOracle(cluster);
    }

    [Fact]
    public void Late_ticks_zero_waits_for_whoever_is_late()
    {
        DirectCluster cluster = Cluster(workers: 3, lateTicks: 0);
        cluster.Computes = (worker, _) => worker != Late || cluster.Ticks > 100;
        cluster.Run();

        AssertOracle(cluster);
        Assert.Empty(cluster.Events.OfType<RangesBacked>());
        Assert.InRange(cluster.Ticks, 100, 200);
    }

    private static DirectCluster Cluster(int workers, int lateTicks = 2) =>
        new(Job, new ProtocolOptions { Workers = workers, SilenceTicks = 1000, LateTicks = lateTicks });

    private static int Committed(DirectCluster cluster) => cluster.Events.OfType<StepCommitted>().Count();

    private static IReadOnlyList<SliceRange> RangesAt(DirectWorker orders, long step) => orders.Periods.Last(period => period.From.Value <= step).Ranges;

    private static void AssertOracle(DirectCluster cluster)
    {
        Assert.Equal(Job.Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
        RunCompleted completed = cluster.Events.OfType<RunCompleted>().Single();
        Assert.Equal(Plan.Samples * Plan.Passes, completed.CommittedSamples);
    }
}
