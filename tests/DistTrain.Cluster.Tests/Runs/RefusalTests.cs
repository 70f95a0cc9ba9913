using Akka.Event;
using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Cluster.Tests;

/// <summary>Nodes that do not belong to a cluster: both sides say why, and the run does not notice.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("wire", "wire version")]
    [InlineData("numerics", "numerics version")]
    [InlineData("no token", "it has no join token")]
    [InlineData("token", "its join token is not this cluster's")]
    [InlineData("storage", "its folder of runs is not the one")]
    public async Task A_stranger_is_refused_with_the_reason_on_both_sides_and_the_run_goes_on(string what, string reason)
    {
        await using LocalCluster cluster = new(hold: 100);
        string withToken = $"disttrain.node.token-file = \"{TokenFile(cluster.Runs, "right", 'x')}\"";
        ClusterNode first = await cluster.AddAsync("coordinator, server, worker", withToken);
        Task<string> told = LogListener.LineAsync(first.System, "is refused", typeof(Error));
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml());
        await cluster.Gate.ReachedAsync(20);

        ClusterNode stranger = what switch
        {
            "wire" => await cluster.AddAsync("worker", withToken, settings => settings with { WireVersion = ProtocolLimits.WireVersion + 1 }),
            "numerics" => await cluster.AddAsync("worker", withToken, settings => settings with { NumericsVersion = Numerics.Version + 1 }),
            "no token" => await cluster.AddAsync("server, worker"),
            "token" => await cluster.AddAsync("server, worker", $"disttrain.node.token-file = \"{TokenFile(cluster.Runs, "wrong", 'y')}\""),
            _ => await cluster.AddAsync("coordinator", $"{withToken}\ndisttrain.node.runs = \"{Path.Combine(cluster.Runs, "elsewhere")}\""),
        };

        Assert.Contains(reason, await stranger.Ended.WaitAsync(cluster.Deadline), StringComparison.Ordinal);
        Assert.Contains(reason, await told.WaitAsync(cluster.Deadline), StringComparison.Ordinal);
        await run.UntilReportAsync(report => report.Members.Count == 1);
        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
        Assert.DoesNotContain(run.Seen.OfType<Training.RunNotice>(), notice => notice.Message.Contains("worker 1", StringComparison.Ordinal));
    }

    private static string TokenFile(string folder, string name, char token)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, new string(token, 20));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }
}
