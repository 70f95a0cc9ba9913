using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Remote;
using DistTrain.Hosting;
using DistTrain.Tensors;
using Microsoft.Extensions.Logging;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistTrain.Cluster;

/// <summary>One member of a cluster: an actor system that has joined, hosts what its roles say, and leaves in order.</summary>
/// <remarks>
/// A node that just ends is suspected, then downed: the others wait for their failure detectors. A node that leaves hands
/// over first. So <see cref="LeaveAsync"/> is the normal end and a crash needs no call at all.
/// </remarks>
public sealed class ClusterNode
{
    /// <summary>Name of every actor system of a cluster, a part of each node's address: akka.tcp://disttrain@host:port.</summary>
    public const string SystemName = "disttrain";

    private const string NodeActorName = "node";

    private readonly ActorSystem system;
    private readonly NodeSettings settings;
    private readonly TaskCompletionSource<string> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<Task> leave;
    private IActorRef? node;
    private NodeApi? api;

    private ClusterNode(ActorSystem system, NodeSettings settings)
    {
        this.system = system;
        this.settings = settings;
        leave = new Lazy<Task>(LeaveOnceAsync);
        Address = AkkaCluster.Get(system).SelfAddress.ToString();
        Ended = EndAsync();
    }

    /// <summary>What other nodes name as their seed.</summary>
    public string Address { get; }

    /// <summary>Where its HTTP API is; null: it has none.</summary>
    public string? Api => api?.Address;

    /// <summary>Completes when the node has left, was removed by the others, or was refused by the cluster: then with the reason, else null.</summary>
    public Task<string?> Ended { get; }

    internal ActorSystem System => system;

    /// <summary>Starts a node and returns when the cluster counts it as Up.</summary>
    /// <param name="hocon">Settings as in cluster-config/; without seed nodes the node joins itself and is a cluster of one.</param>
    /// <param name="cancellation">Gives up waiting and ends the node.</param>
    /// <exception cref="UserError">The settings don't parse, or the node gave up: its seed nodes didn't answer, or its address is taken.</exception>
    public static Task<ClusterNode> StartAsync(string hocon, CancellationToken cancellation = default) => StartAsync(hocon, loggers: null, cancellation);

    /// <inheritdoc cref="StartAsync(string, CancellationToken)"/>
    /// <param name="hocon">As there.</param>
    /// <param name="loggers">Get what is logged; null: akka.loggers do.</param>
    /// <param name="cancellation">As there.</param>
    public static Task<ClusterNode> StartAsync(string hocon, ILoggerFactory? loggers, CancellationToken cancellation = default) =>
        StartAsync(hocon, loggers, settings => settings, cancellation);

    /// <inheritdoc cref="StartAsync(string, CancellationToken)"/>
    /// <param name="hocon">As there.</param>
    /// <param name="loggers">As there.</param>
    /// <param name="change">Lays over the settings what files can't say.</param>
    /// <param name="cancellation">As there.</param>
    internal static async Task<ClusterNode> StartAsync(string hocon, ILoggerFactory? loggers, Func<NodeSettings, NodeSettings> change, CancellationToken cancellation)
    {
        (ActorSystem system, NodeSettings settings) = Create(hocon, loggers);
        settings = change(settings);
        AkkaCluster cluster = AkkaCluster.Get(system);
        TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string trouble = "none of them answers";
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new AssociationWatch(cause => Volatile.Write(ref trouble, cause)))), typeof(AssociationErrorEvent));
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
                throw new UserError($"{cluster.SelfAddress}: no cluster to join; seed nodes: {string.Join(", ", cluster.Settings.SeedNodes)}; {Volatile.Read(ref trouble)}");
            }

            await up.Task.ConfigureAwait(false);
            var started = new ClusterNode(system, settings);
            await started.HostAsync(cluster).ConfigureAwait(false);
            return started;
        }
        catch
        {
            await system.Terminate().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Lets the node's machines leave as soon as the run can do without them, then leaves the cluster, waits until the others have removed
    /// the node, and ends its actor system. May be called again.
    /// </summary>
    public Task LeaveAsync() => leave.Value;

    private async Task HostAsync(AkkaCluster cluster)
    {
        string storage = settings.IsCandidate ? ClusterFile.StorageId(settings.Runs) : "";
        if (settings.IsCandidate)
        {
            system.ActorOf(
                ClusterSingletonManager.Props(
                    SingletonActor.Props(settings, storage), PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(NodeSettings.CoordinatorRole)),
                SingletonActor.Name);
        }

        IActorRef singleton = system.ActorOf(
            ClusterSingletonProxy.Props($"/user/{SingletonActor.Name}", ClusterSingletonProxySettings.Create(system).WithRole(NodeSettings.CoordinatorRole)), "to-singleton");
        IActorRef progress = system.ActorOf(ProgressActor.Props(singleton), "progress");
        node = system.ActorOf(NodeActor.Props(settings, singleton, MemberName.Of(cluster.SelfUniqueAddress), storage, reason => refused.TrySetResult(reason)), NodeActorName);
        if (settings.Api is { } where)
        {
            api = await NodeApi.StartAsync(where, singleton, progress, () => cluster.SelfMember.Status == Akka.Cluster.MemberStatus.Up, settings.Security.Token).ConfigureAwait(false);
        }
    }

    private async Task LeaveOnceAsync()
    {
        if (node is not null)
        {
            try
            {
                await node.Ask<NodeActor.Left>(NodeActor.LeavePolitely.Instance, settings.LeaveMax).ConfigureAwait(false);
            }
            catch (AskTimeoutException)
            {
                // The run can't do without it just now: what is lost is recovered.
            }
        }

        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClusterLeavingReason.Instance).ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
    }

    private async Task<string?> EndAsync()
    {
        string? reason = await Task.WhenAny(system.WhenTerminated, refused.Task).ConfigureAwait(false) == refused.Task ? await refused.Task.ConfigureAwait(false) : null;
        if (reason is not null)
        {
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClusterLeavingReason.Instance).ConfigureAwait(false);
            await system.WhenTerminated.ConfigureAwait(false);
        }

        if (api is not null)
        {
            await api.DisposeAsync().ConfigureAwait(false);
        }

        return reason;
    }

    private static (ActorSystem System, NodeSettings Settings) Create(string hocon, ILoggerFactory? loggers)
    {
        try
        {
            Config config = ConfigurationFactory.ParseString(loggers is null ? hocon : $"{hocon}\n{HostLog.Hocon}");
            NodeSettings settings = NodeSettings.Of(config);
            if (settings.Security.TlsCertificate is not null)
            {
                config = ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.transport-class = \"{TlsTransport.ClassName}\"").WithFallback(config);
            }

            BootstrapSetup setup = BootstrapSetup.Create().WithConfig(config.WithFallback(ClusterSingleton.DefaultConfig()));
            return (ActorSystem.Create(SystemName, loggers is null ? ActorSystemSetup.Create(setup) : ActorSystemSetup.Create(setup, new HostLog.Target(loggers))), settings);
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

    /// <summary>Hears why there is no connection to another node.</summary>
    private sealed class AssociationWatch(Action<string> tell) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is AssociationErrorEvent { Cause: { } cause })
            {
                tell(Innermost(cause).Message);
            }
        }
    }
}
