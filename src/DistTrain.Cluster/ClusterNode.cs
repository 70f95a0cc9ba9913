using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using DistTrain.Tensors;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistTrain.Cluster;

/// <summary>One member of a cluster: an actor system that has joined, and leaves in order.</summary>
/// <remarks>
/// A node that just ends is suspected, then downed: the others wait for their failure detectors. A node that leaves hands
/// over first. So <see cref="LeaveAsync"/> is the normal end and a crash needs no call at all.
/// </remarks>
public sealed class ClusterNode
{
    /// <summary>Name of every actor system of a cluster, a part of each node's address: akka.tcp://disttrain@host:port.</summary>
    public const string SystemName = "disttrain";

    private readonly ActorSystem system;

    private ClusterNode(ActorSystem system)
    {
        this.system = system;
        Address = AkkaCluster.Get(system).SelfAddress.ToString();
    }

    /// <summary>What other nodes name as their seed.</summary>
    public string Address { get; }

    /// <summary>Completes when the node has left, was removed by the others, or gave up joining.</summary>
    public Task Ended => system.WhenTerminated;

    /// <summary>Starts a node and returns when the cluster counts it as Up.</summary>
    /// <param name="hocon">Settings as in cluster-config/; without seed nodes the node joins itself and is a cluster of one.</param>
    /// <param name="cancellation">Gives up waiting and ends the node.</param>
    /// <exception cref="UserError">The settings don't parse, or the node gave up: its seed nodes didn't answer, or its address is taken.</exception>
    public static async Task<ClusterNode> StartAsync(string hocon, CancellationToken cancellation = default)
    {
        ActorSystem system = Create(hocon);
        AkkaCluster cluster = AkkaCluster.Get(system);
        TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.RegisterOnMemberUp(() => up.TrySetResult());
        if (cluster.Settings.SeedNodes.IsEmpty)
        {
            cluster.Join(cluster.SelfAddress);
        }

        using CancellationTokenRegistration stop = cancellation.Register(() => up.TrySetCanceled(cancellation));
        try
        {
            await Task.WhenAny(up.Task, system.WhenTerminated).ConfigureAwait(false);
            if (!up.Task.IsCompleted)
            {
                throw new UserError($"{cluster.SelfAddress}: no cluster to join; seed nodes: {string.Join(", ", cluster.Settings.SeedNodes)}");
            }

            await up.Task.ConfigureAwait(false);
            return new ClusterNode(system);
        }
        catch
        {
            await system.Terminate().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Leaves the cluster, waits until the others have removed the node, and ends its actor system. May be called again.</summary>
    public async Task LeaveAsync()
    {
        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClusterLeavingReason.Instance).ConfigureAwait(false);
        await system.WhenTerminated.ConfigureAwait(false);
    }

    private static ActorSystem Create(string hocon)
    {
        try
        {
            return ActorSystem.Create(SystemName, ConfigurationFactory.ParseString(hocon));
        }
        catch (Exception cause) when (cause is FormatException or ArgumentException or ConfigurationException)
        {
            throw new UserError($"cluster settings: {cause.Message}");
        }
        catch (AggregateException cause) when (Innermost(cause) is SocketException socket)
        {
            Config tcp = ConfigurationFactory.ParseString(hocon).GetConfig("akka.remote.dot-netty.tcp");
            throw new UserError($"akka.remote.dot-netty.tcp: cannot listen on {tcp.GetString("hostname")}:{tcp.GetString("port")}: {socket.Message}");
        }
    }

    /// <summary>Akka.NET wraps what its transport threw once for every task in between.</summary>
    private static Exception Innermost(Exception cause) => cause.InnerException is { } inner ? Innermost(inner) : cause;
}
