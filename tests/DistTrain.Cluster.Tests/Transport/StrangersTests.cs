using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using DistTrain.Hosting;

namespace DistTrain.Cluster.Tests;

/// <summary>Whoever knocks at a node's ports without belonging there.</summary>
public sealed class StrangersTests : IDisposable
{
    /// <summary>Of this test alone, so that every port that listens there is the node's.</summary>
    private const string Host = "127.77.1.";

    private const int KnocksMax = 40;

    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-strangers-").FullName;

    [SkippableTheory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task A_port_scan_and_random_bytes_at_all_ports_change_nothing(int last, bool hasTls)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "other systems have no loopback addresses beside 127.0.0.1");
        string host = $"{Host}{last}";
        string settings = $"""

            akka.remote.dot-netty.tcp.hostname = "{host}"
            disttrain.node.api.hostname = "{host}"
            disttrain.node.api.port = 0
            {(hasTls ? Certificate(host) : "")}
            """;
        await using LocalCluster cluster = new(hold: 300);
        ClusterNode first = await cluster.AddAsync("coordinator, server, worker", settings);
        ClusterNode second = await cluster.AddAsync("server, worker", settings);
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, SmallJob.Yaml(workers: 2, servers: 2));
        await cluster.Gate.ReachedAsync(20);
        IPEndPoint[] doors = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(end => $"{end.Address.MapToIPv4()}" == host)];

        // Akka's, the lanes' and the API's of each node, and the lanes of the run's singleton.
        Assert.Equal(7, doors.Length);
        int knocks = 0;
        List<Socket> open = [];
        foreach (IPEndPoint door in doors)
        {
            var random = new Random(door.Port);
            for (int i = 0; i < KnocksMax; i++)
            {
                open.Add(await KnockAsync(door, random, i, cluster.Deadline));
                knocks++;
            }
        }

        cluster.Gate.Open();
        Assert.Equal(SmallJob.WeightsSha256, await run.ToEndAsync());
        ClusterReport after = await run.UntilReportAsync(report => report.State == ClusterRunState.Done);
        Assert.Equal(2, after.Members.Count(member => member.Status == "up"));
        Assert.False(first.Ended.IsCompleted || second.Ended.IsCompleted);
        Assert.DoesNotContain(run.Seen.OfType<Training.RunNotice>(), notice => notice.Message.Contains("is gone", StringComparison.Ordinal));
        Assert.Equal(7 * KnocksMax, knocks);
        open.ForEach(socket => socket.Dispose());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A connection that says nothing, ends at once, or says what nobody understands; a port may already be closed to it.</summary>
    private static async Task<Socket> KnockAsync(IPEndPoint door, Random random, int which, CancellationToken deadline)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(door.Address.MapToIPv4(), door.Port), deadline);
        byte[] bytes = new byte[random.Next(1, 4096)];
        random.NextBytes(bytes);
        switch (which % 5)
        {
            case 0:
                socket.Dispose();
                return socket;
            case 1:
                return socket;
            case 2:
                // A frame of Akka's with a length that fits.
                BitConverter.TryWriteBytes(bytes, bytes.Length - sizeof(int));
                break;
            case 3:
                // The longest there is.
                BitConverter.TryWriteBytes(bytes, int.MaxValue);
                break;
        }

        try
        {
            await socket.SendAsync(bytes, deadline);
        }
        catch (SocketException)
        {
            // It has had enough of what came first.
        }

        return socket;
    }

    private string Certificate(string host)
    {
        var certificates = new CertificateFolder(folder);
        certificates.EnsureAuthority();
        certificates.MakeNode(host);
        return $"""
            disttrain.node.tls.authority = "{certificates.AuthorityPath}"
            disttrain.node.tls.certificate = "{certificates.CertificatePath(host)}"
            disttrain.node.tls.key = "{certificates.KeyPath(host)}"
            """;
    }
}
