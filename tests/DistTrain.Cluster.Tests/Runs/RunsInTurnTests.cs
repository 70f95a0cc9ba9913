namespace DistTrain.Cluster.Tests;

/// <summary>Runs one after the other on nodes that stay, none of which hosts both the coordinator and other machines.</summary>
public class RunsInTurnTests
{
    [Fact]
    public async Task Nodes_that_had_a_run_have_the_next_ones()
    {
        await using LocalCluster cluster = new();
        ClusterNode first = await cluster.AddAsync("coordinator");
        await cluster.AddAsync("server");
        await cluster.AddAsync("worker");

        for (int run = 0; run < 3; run++)
        {
            Assert.Equal(SmallJob.WeightsSha256, await (await cluster.SubmitAsync(first, SmallJob.Yaml())).ToEndAsync());
        }
    }
}
