using System.Text.Json;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistTrain.Cluster;

/// <summary>
/// The cluster's singleton: takes orders of people, has the one run that goes on, writes the run folder, and tells everybody how it goes. It
/// lives on the oldest candidate; when that goes, the next one reads cluster.json and goes on with the run: nodes keep what they have.
/// </summary>
internal sealed partial class SingletonActor : UntypedActor, IWithTimers
{
    /// <summary>Name of the singleton's manager: part of its path.</summary>
    public const string Name = "singleton";

    /// <summary>What all nodes hear.</summary>
    public const string Topic = "disttrain";

    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);

    private readonly NodeSettings settings;
    private readonly string storage;
    private readonly LaneToken? token;
    private readonly AkkaCluster cluster = AkkaCluster.Get(Context.System);
    private readonly IActorRef mediator = DistributedPubSub.Get(Context.System).Mediator;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly IActorRef self = Context.Self;
    private readonly Dictionary<string, (NodeReported Reported, IActorRef Node)> known = [];
    private readonly HashSet<string> refusals = [];
    private readonly OrderCounter orders = new();
    private ClusterFile file = null!;
    private IActorRef? runActor;
    private ClusterRun? run;
    private RunReport? report;
    private string? runFolder;
    private ClusterRunState? state;
    private string? failure;

    public SingletonActor(NodeSettings settings, string storage)
    {
        this.settings = settings;
        this.storage = storage;
        token = settings.Security.ToLanes().Token;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeSettings settings, string storage) =>
        Akka.Actor.Props.Create(() => new SingletonActor(settings, storage)).WithDispatcher(ClusterDispatchers.Hosts);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        file = ClusterFile.TakeOver(settings.Runs);
        log.Info("singleton {0} of the cluster is here; runs are in {1}", file.Authority, settings.Runs);
        cluster.Subscribe(self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(nameof(ReportTime), ReportTime.Instance, ReportEvery);
        if (file.Run is { } live)
        {
            log.Info("goes on with run {0}", live.Id);
            Open(live.Folder, () => PreparedRun.Resume(Path.Combine(settings.Runs, live.Folder), null, DataFolders), ActorRefs.Nobody);
        }
    }

    /// <summary>Handed over, or the node ends: the run goes on elsewhere.</summary>
    protected override void PostStop()
    {
        cluster.Unsubscribe(self);
        run?.Fail(new DeposedException("the singleton has been handed over"));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case NodeReported reported:
                Hear(reported);
                break;
            case ClusterEvent.MemberRemoved removed:
                known.Remove(MemberName.Of(removed.Member.UniqueAddress));
                runActor?.Tell(new RunActor.Removed(MemberName.Of(removed.Member.UniqueAddress), $"its node {removed.Member.Address} {(removed.PreviousStatus == Akka.Cluster.MemberStatus.Down ? "was removed from the cluster" : "has left the cluster")}"));
                break;
            case ClusterEvent.UnreachableMember unreachable:
                runActor?.Tell(new RunActor.Reachable(MemberName.Of(unreachable.Member.UniqueAddress), $"its node {unreachable.Member.Address} is unreachable"));
                break;
            case ClusterEvent.ReachableMember reachable:
                runActor?.Tell(new RunActor.Reachable(MemberName.Of(reachable.Member.UniqueAddress), null));
                break;
            case SubmitRun submit:
                Submit(submit);
                break;
            case EndRun:
                Stop();
                break;
            case AskEvents ask:
                Sender.Tell(new EventsTold(file.Authority, EventsAfter(ask.After)));
                break;
            case Prepared prepared:
                OnPrepared(prepared);
                break;
            case BeginRun begin:
                Begin(begin.Run);
                break;
            case Happened happened:
                Tell(happened.Event);
                break;
            case SessionEnded ended:
                OnSessionEnded(ended.Failure);
                break;
            case Terminated terminated when terminated.ActorRef.Equals(runActor):
                run?.Fail(new InvalidOperationException("The run's host threw; the log says why."));
                break;
            case RunActor.ReportReady ready:
                report = ready.Report;
                TellReport();
                break;
            case ReportTime:
                if (runActor is null)
                {
                    TellReport();
                }
                else
                {
                    runActor.Tell(new RunActor.AskReport());
                }

                break;
        }
    }

    /// <summary>Another build, no token, other storage: it does not belong here, and both sides say so.</summary>
    private void Hear(NodeReported reported)
    {
        if (Refusal(reported) is { } refusal)
        {
            if (refusals.Add($"{reported.Node} {refusal}"))
            {
                log.Error("node {0} is refused: {1}", reported.Node, refusal);
            }

            Sender.Tell(new NodeRefused(refusal));
            return;
        }

        known[reported.Node] = (reported, Sender);
        if (runActor is not null)
        {
            runActor.Tell(new RunActor.Heard(reported, Sender));
        }
        else if (state is not ClusterRunState.Opening && reported.Run.Length > 0)
        {
            Sender.Tell(new DirectNode { Order = new OrderNumber(file.Authority, orders.Next()), Run = "" });
        }
    }

    private string? Refusal(NodeReported reported) =>
        reported.WireVersion != settings.WireVersion
            ? $"it has wire version {reported.WireVersion}, this cluster has {settings.WireVersion}; the same build is needed"
        : reported.NumericsVersion != settings.NumericsVersion
            ? $"it has numerics version {reported.NumericsVersion}, this cluster has {settings.NumericsVersion}; the same build is needed"
        : !System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(reported.Proof, NodeSettings.Proof(token, reported.Node, reported.Number))
            ? token is null ? $"it has a join token, and this cluster has none ({LaneToken.Variable})"
                : reported.Proof.Length == 0 ? $"it has no join token; the cluster's belongs into {LaneToken.Variable} or disttrain.node.token-file"
                : $"its join token is not this cluster's ({LaneToken.Variable})"
        : reported.Storage.Length > 0 && reported.Storage != storage
            ? $"its folder of runs is not the one of this cluster's other candidates for the singleton (storage-id {reported.Storage}, here {storage}): they must share it"
        : null;

    private void Begin(ClusterRun begun)
    {
        run = begun;
        runActor = Context.Watch(Context.ActorOf(RunActor.Props(begun, file, settings, orders), FormattableString.Invariant($"run-{file.Authority}.{orders.Next()}")));
        state = ClusterRunState.Live;
        foreach ((NodeReported reported, IActorRef node) in known.Values)
        {
            runActor.Tell(new RunActor.Heard(reported, node));
        }
    }

    private Data.DataFolders DataFolders => Data.DataFolders.For(settings.Data);

    private void TellReport()
    {
        ClusterEvent.CurrentClusterState now = cluster.State;
        var told = new ClusterReport
        {
            Singleton = $"{cluster.SelfAddress}",
            Members =
            [
                .. now.Members.Select(member => new ClusterMember(
                    $"{member.Address}", [.. member.Roles.Order()], now.Unreachable.Contains(member) ? "unreachable" : $"{member.Status}".ToLowerInvariant())),
            ],
            Run = runFolder,
            State = state,
            Failure = failure,
            Report = report,
        };
        mediator.Tell(new Publish(Topic, new ReportTold(file.Authority, lastEvent, JsonSerializer.SerializeToUtf8Bytes(told, HostCodec.Options))));
    }

    private sealed record Prepared(PreparedRun? Run, string Folder, Exception? Failure, IActorRef Asker) : INoSerializationVerificationNeeded;

    private sealed record BeginRun(ClusterRun Run) : INoSerializationVerificationNeeded;

    private sealed record Happened(TrainingEvent Event) : INoSerializationVerificationNeeded;

    private sealed record SessionEnded(Exception? Failure) : INoSerializationVerificationNeeded;

    private sealed record ReportTime
    {
        public static readonly ReportTime Instance = new();
    }
}
