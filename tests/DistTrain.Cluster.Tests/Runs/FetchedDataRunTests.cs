using DistTrain.Hosting;

namespace DistTrain.Cluster.Tests;

/// <summary>A worker on a host without the data.</summary>
public sealed class FetchedDataRunTests
{
    [Fact]
    public async Task A_node_without_the_data_gets_them_from_the_singleton_and_keeps_them()
    {
        await using LocalCluster cluster = new(hold: 100);
        string chunks = Path.Combine(cluster.Runs, "chunks");
        ClusterNode first = await cluster.AddAsync("coordinator, server, worker");
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml());
        await cluster.Gate.ReachedAsync(20);

        await cluster.AddAsync("worker", $"disttrain.node.fetch-data = on\ndisttrain.node.chunks = \"{chunks}\"");
        await run.UntilReportAsync(report => report.Report?.Machines.Any(machine => machine.Machine == "worker 1" && machine.Ranges.Count > 0) == true);
        cluster.Gate.Open();

        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
        Assert.NotEmpty(Directory.GetFiles(chunks, "*.chunk", SearchOption.AllDirectories));
    }
}
