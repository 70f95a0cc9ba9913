using System.Net;
using System.Net.NetworkInformation;
using Akka.Event;
using DistTrain.Hosting;
using DistTrain.Hosting.Tests;
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

    [SkippableFact]
    public async Task At_a_runs_lanes_another_job_other_data_and_other_versions_are_refused_on_both_sides_and_the_run_goes_on()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "other systems have no loopback addresses beside 127.0.0.1");

        // Of this test alone, so that every port that listens there is a run's lanes: the singleton's and the node's.
        const string Host = "127.77.3.1";
        await using LocalCluster cluster = new(hold: 100);
        ClusterNode node = await cluster.AddAsync("coordinator, server, worker", $"disttrain.node.lanes.hostname = \"{Host}\"");
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(node, SmallJob.Yaml());
        await cluster.Gate.ReachedAsync(20);
        IPEndPoint[] doors = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(end => $"{end.Address.MapToIPv4()}" == Host)];
        Assert.Equal(2, doors.Length);

        LaneIdentity other = LaneIdentity.Of("node-9@another", RunIdentity.Of("other-job", "other-data"), []);
        foreach (LaneAddress door in doors.Select(end => LaneAddress.Tcp(Host, end.Port)))
        {
            await MustRefuseAsync(node, door, other, LaneRefusalReason.Job, "has job ", ", node-9@another has other-job");
            await MustRefuseAsync(node, door, other with { JobHash = null }, LaneRefusalReason.Data, "has data ", ", node-9@another has other-data");
            await MustRefuseAsync(node, door, LaneIdentity.Guest("node-9@another"), LaneRefusalReason.Job, "node-9@another is a node of another run than node-");
            await MustRefuseAsync(node, door, LaneIdentity.Guest("old") with { WireVersion = ProtocolLimits.WireVersion - 1 }, LaneRefusalReason.WireVersion, "has wire version ");
            await MustRefuseAsync(node, door, LaneIdentity.Guest("new") with { NumericsVersion = Numerics.Version + 1 }, LaneRefusalReason.NumericsVersion, "has numerics version ");
        }

        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    /// <summary>A stranger dials; the node's log says what the stranger is told.</summary>
    private static async Task MustRefuseAsync(ClusterNode node, LaneAddress door, LaneIdentity identity, LaneRefusalReason reason, params string[] told)
    {
        using var stranger = new LaneEnd("", identity: identity);
        Task<string> logged = LogListener.LineAsync(node.System, "lanes: refused", typeof(Warning));
        stranger.Node.Dial(door);
        LaneRefusal refusal = LaneEnd.Next(stranger.Refused);
        Assert.Equal((reason, true), (refusal.Reason, refusal.ByPeer));
        Assert.All(told, part => Assert.Contains(part, refusal.Text, StringComparison.Ordinal));
        Assert.EndsWith(refusal.Text, await logged.WaitAsync(LaneEnd.Patience), StringComparison.Ordinal);
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
