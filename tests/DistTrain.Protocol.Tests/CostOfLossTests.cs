namespace DistTrain.Protocol.Tests;

/// <summary>What a lost machine costs, in samples that are computed once more; the machine dies after every single computation of a run.</summary>
public class CostOfLossTests
{
    private const int Batch = 16;

    private static readonly RunPlan Plan = new() { Samples = 53, Batch = Batch, Slices = 8, Passes = 3 };
    private static readonly LinearJob Job = new(Plan, 5, 9, 17, 12, 4, 13);

    [Fact]
    public void A_lost_worker_costs_its_uncommitted_ranges_and_nothing_else()
    {
        var options = new ProtocolOptions { Workers = 4, Servers = 2 };
        int costly = 0;
        foreach (int moment in Moments(options))
        {
            var cluster = new DirectCluster(Job, options);
            cluster.Run(() => cluster.Computed.Count >= moment);
            MachineId lost = cluster.Computed[^1].Worker;
            StepNumber open = cluster.Coordinator.Status.Committed.Step;
            HashSet<(StepNumber Step, int Slice)> owed = [.. Slices(cluster.Computed.Where(each => each.Worker == lost && each.Range.Step >= open))];
            cluster.Kill(lost);
            AssertEnds(cluster);
            List<(StepNumber Step, int Slice)> again = [.. Slices(cluster.Computed).GroupBy(slice => slice).Where(group => group.Count() > 1).Select(group => group.Key)];
            Assert.Subset(owed, again.ToHashSet());
            costly += again.Count > 0 ? 1 : 0;
        }

        Assert.InRange(costly, 20, int.MaxValue);
    }

    [Fact]
    public void A_server_lost_with_replicas_costs_one_step_at_most()
    {
        var options = new ProtocolOptions { Workers = 3, Servers = 3, Replicas = 2 };
        List<int> costs = [.. Moments(options).Select(moment =>
        {
            var cluster = new DirectCluster(Job, options);
            cluster.Run(() => cluster.Computed.Count >= moment);
            cluster.Kill(MachineId.Server(moment % 3));
            AssertEnds(cluster);
            Assert.Equal(2, cluster.Events.OfType<RunStarted>().Count());
            return Cost(cluster);
        })];
        Assert.All(costs, cost => Assert.InRange(cost, 0, Batch));
        Assert.Contains(costs, cost => cost > 0);
    }

    [Fact]
    public void A_server_lost_without_replicas_costs_the_steps_since_the_checkpoint()
    {
        var options = new ProtocolOptions { Workers = 3, Servers = 3, CheckpointEverySteps = 4 };
        var cluster = new DirectCluster(Job, options);
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 6);
        cluster.Kill(MachineId.Server(1));
        AssertEnds(cluster);
        Assert.Equal([0L, 4], cluster.Events.OfType<RunStarted>().Select(started => started.Version.Value));

        // Steps 4 and 5, and what was computed of the one that was open.
        Assert.InRange(Cost(cluster), 2 * Batch, 3 * Batch);
    }

    /// <summary>After every computation but those of the last step, which nobody may survive to notice.</summary>
    private static IEnumerable<int> Moments(ProtocolOptions options)
    {
        var calm = new DirectCluster(Job, options);
        AssertEnds(calm);
        Assert.Equal(0, Cost(calm));
        return Enumerable.Range(1, calm.Computed.Count(each => each.Range.Step.After < Plan.End));
    }

    private static void AssertEnds(DirectCluster cluster)
    {
        cluster.Run();
        Assert.Equal(Job.Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
        Assert.Equal(3 * 53, cluster.Events.OfType<RunCompleted>().Single().CommittedSamples);
    }

    /// <summary>Samples that were computed more than once.</summary>
    private static int Cost(DirectCluster cluster) =>
        cluster.Computed.Sum(each => each.Range.Range.Rows(Plan.RowsOf(each.Range.Step), Plan.Slices)) - (3 * 53);

    private static IEnumerable<(StepNumber Step, int Slice)> Slices(IEnumerable<(MachineId Worker, ComputeRange Range)> computed) =>
        computed.SelectMany(each => Enumerable.Range(each.Range.Range.First, each.Range.Range.Count).Select(slice => (each.Range.Step, slice)));
}
