using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Akka.Event;
using DistTrain.Hosting;
using DistTrain.Tensors;

namespace DistTrain.Cluster.Tests;

/// <summary>Akka's port with certificates on both sides, the ones of lanes.</summary>
public sealed class TlsTransportTests : IDisposable
{
    private const string Host = "127.0.0.1";
    private const string GivesUp = "\nakka.cluster.shutdown-after-unsuccessful-join-seed-nodes = 3s\nakka.cluster.seed-node-timeout = 1s\n";

    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-tls-").FullName;

    [Fact]
    public async Task A_cluster_with_certificates_trains_and_hands_over_as_one_without()
    {
        await using LocalCluster cluster = new(hold: 90);
        string tls = Certificate("ours", Host);
        ClusterNode oldest = await cluster.AddAsync("coordinator, server, worker", tls);
        ClusterNode second = await cluster.AddAsync("coordinator, server, worker", tls);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(second, SmallJob.Yaml(workers: 2, servers: 2));
        await cluster.Gate.ReachedAsync(20);

        // Nothing is said to who shows no certificate, but why.
        Assert.Contains("no certificate was shown", await VerdictAsync(oldest, cluster.Deadline), StringComparison.Ordinal);
        await cluster.LeaveAsync(oldest);
        await run.UntilReportAsync(report => report.Singleton == second.Address && report.Report is { Phase: "running" });
        cluster.Gate.Open();

        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
    }

    [SkippableTheory]
    [InlineData("another authority")]
    [InlineData("another host")]
    [InlineData("no certificate")]
    public async Task A_node_with_a_wrong_certificate_is_refused_with_the_reason_on_both_sides(string wrong)
    {
        // Certificates are for their host, and for 127.0.0.1.
        Skip.If(wrong == "another host" && !OperatingSystem.IsLinux(), "other systems have no loopback addresses beside 127.0.0.1");
        await using LocalCluster cluster = new();
        (string settings, string here, string there) = wrong switch
        {
            "another authority" => (Certificate("theirs", Host), "the dialing node's certificate is refused", "the listening node's certificate is refused"),
            "another host" => (Certificate("ours", Host), "refuses this node", "is not a certificate for"),
            _ => ("", "no TLS", "127.0.0.1"),
        };
        ClusterNode first = await cluster.AddAsync(
            "coordinator, server, worker", Certificate("ours", Host) + (wrong == "another host" ? "akka.remote.dot-netty.tcp.hostname = 127.77.2.1" : ""));
        Task<string> told = LogListener.LineAsync(first.System, here, typeof(Warning));

        UserError error = await Assert.ThrowsAsync<UserError>(() => cluster.AddAsync("worker", settings + GivesUp));

        Assert.Contains(there, error.Message, StringComparison.Ordinal);
        Assert.Contains("came to nothing", await told.WaitAsync(cluster.Deadline), StringComparison.Ordinal);
        Assert.Single(Akka.Cluster.Cluster.Get(first.System).State.Members);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>What the node says on TLS to somebody without a certificate.</summary>
    private static async Task<string> VerdictAsync(ClusterNode node, CancellationToken deadline)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Host, Akka.Actor.Address.Parse(node.Address).Port!.Value, deadline);
#pragma warning disable CA5359 // A stranger does not care whom he talks to.
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Host }, deadline);
        byte[] length = new byte[4];
        await tls.ReadExactlyAsync(length, deadline);
        byte[] text = new byte[BitConverter.ToInt32(length)];
        await tls.ReadExactlyAsync(text, deadline);
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Settings with a certificate for a host, of an authority of that name.</summary>
    private string Certificate(string authority, string host)
    {
        var certificates = new CertificateFolder(Path.Combine(folder, authority));
        certificates.EnsureAuthority();
        certificates.MakeNode(host);
        return $"""

            disttrain.node.tls.authority = "{certificates.AuthorityPath}"
            disttrain.node.tls.certificate = "{certificates.CertificatePath(host)}"
            disttrain.node.tls.key = "{certificates.KeyPath(host)}"

            """;
    }
}
