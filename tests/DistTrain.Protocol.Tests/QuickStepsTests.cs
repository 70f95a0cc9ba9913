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
    public void Where_a_step_takes_ticks_the_leash_stays_short()
    {
        long computedAt = 0;
        DirectCluster cluster = Cluster(leashTicks: 8);
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

    private int Run(int leashTicks)
    {
        delivered.Clear();
        DirectCluster cluster = Cluster(leashTicks);
        cluster.Run();
        Assert.Equal(new LinearJob(Plan, 5, 9, 17).Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
        Assert.Equal(Plan.End.Value, cluster.Events.OfType<StepCommitted>().Count());
        cluster.Drain();
        Assert.Equal(0, cluster.Pool.BuffersRented);
        return delivered.Count(told => told.Message is WorkerReported or ServerReported);
    }

    private DirectCluster Cluster(int leashTicks) =>
        new(new LinearJob(Plan, 5, 9, 17), new ProtocolOptions { Workers = 2, Servers = 2, LeashTicks = leashTicks })
        {
            Delivers = (to, message) =>
            {
                delivered.Add((to, message));
                return true;
            },
        };

    private long LongestLeash() => delivered.Select(told => told.Message).OfType<DirectWorker>().Max(orders => orders.Limit.Value - orders.Committed.Value);
}
