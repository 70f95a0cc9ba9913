namespace DistTrain.Protocol.Tests;

/// <summary>Steps that take less than a tick: the limit lies further ahead, and many are reported at a time.</summary>
public class QuickStepsTests
{
    private static readonly RunPlan Plan = new() { Samples = 64, Batch = 16, Slices = 8, Passes = 200 };
    private readonly List<(MachineId To, Message Message)> delivered = [];

    [Fact]
    public void Many_are_reported_at_a_time_and_give_the_oracles_bits()
    {
        int single = Run(leashTicks: 0);
        Assert.InRange(LongestLeash(), 1, 8);
        Assert.InRange(single, 4 * (int)Plan.End.Value, int.MaxValue);

        int together = Run(leashTicks: 8);
        Assert.InRange(LongestLeash(), ProtocolLimits.QuickLeashStepsMax - 4, ProtocolLimits.QuickLeashStepsMax);
        Assert.InRange(together, 1, single / 3);
    }

    [Fact]
    public void Two_reports_a_leash_are_enough_for_nobody_to_reach_the_limit()
    {
        var few = new ProtocolOptions { Workers = 2, Servers = 2, LeashTicks = 8, ReportsPerLeash = 2, NewsTicks = 4, LateTicks = 5 };
        int many = Run(few with { ReportsPerLeash = 8, NewsTicks = 1, LateTicks = 2 });
        Assert.InRange(Run(few), 1, many / 2);
        Assert.Equal(0, ReportsAtTheLimit());

        // One is too late: whoever reports at the limit alone waits there each time.
        Run(few with { ReportsPerLeash = 1 });
        Assert.InRange(ReportsAtTheLimit(), 1, int.MaxValue);
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(2, 1, true)]
    [InlineData(2, 2, false)]
    [InlineData(3, 2, true)]
    [InlineData(1, 1, false)]
    public void A_step_is_not_late_before_its_report_is_due(int lateTicks, int newsTicks, bool isAllowed)
    {
        ProtocolOptions options = new() { LateTicks = lateTicks, NewsTicks = newsTicks };
        if (isAllowed)
        {
            Assert.Same(options, options.Validated());
        }
        else
        {
            Assert.Contains($"LateTicks is {lateTicks}; allowed: 0, or more than {newsTicks}", Assert.Throws<ArgumentException>(options.Validated).Message);
        }
    }

    [Fact]
    public void Where_a_step_takes_ticks_the_leash_stays_short()
    {
        long computedAt = 0;
        DirectCluster cluster = Cluster(Options(leashTicks: 8));
        cluster.Computes = (_, _) =>
        {
            bool isDue = cluster.Ticks > computedAt + 1;
            computedAt = isDue ? cluster.Ticks : computedAt;
            return isDue;
        };
        cluster.Run(() => cluster.Coordinator.Status.Committed.Value > 100);
        Assert.InRange(LongestLeash(), 1, 8);
        cluster.Drain();
    }

    private int Run(int leashTicks) => Run(Options(leashTicks));

    private int Run(ProtocolOptions options)
    {
        delivered.Clear();
        DirectCluster cluster = Cluster(options);
        cluster.Run();
        Assert.Equal(new LinearJob(Plan, 5, 9, 17).Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
        Assert.Equal(Plan.End.Value, cluster.Events.OfType<StepCommitted>().Count());
        cluster.Drain();
        Assert.Equal(0, cluster.Pool.BuffersRented);
        return delivered.Count(told => told.Message is WorkerReported or ServerReported);
    }

    private static ProtocolOptions Options(int leashTicks) => new() { Workers = 2, Servers = 2, LeashTicks = leashTicks };

    private DirectCluster Cluster(ProtocolOptions options) =>
        new(new LinearJob(Plan, 5, 9, 17), options)
        {
            Delivers = (to, message) =>
            {
                delivered.Add((to, message));
                return true;
            },
        };

    private int ReportsAtTheLimit()
    {
        StepNumber limit = default;
        int reached = 0;
        foreach (Message message in delivered.Select(told => told.Message))
        {
            limit = message is DirectWorker orders && orders.Limit > limit ? orders.Limit : limit;
            reached += message is WorkerReported report && report.Accepted >= limit && limit.Before < Plan.End ? 1 : 0;
        }

        return reached;
    }

    private long LongestLeash() => delivered.Select(told => told.Message).OfType<DirectWorker>().Max(orders => orders.Limit.Value - orders.Committed.Value);
}
