using Akka.Actor;
using Akka.Event;
using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cluster;

/// <summary>
/// A node's part in a run: hosts the machines that the singleton orders, and says once a second, and whenever something changes, what there
/// is. It keeps its machines when the singleton goes, and follows the next one. A machine that throws is never started again in place, where
/// it would be silently empty: the report says that it ended, and another one comes under a new number.
/// </summary>
internal sealed partial class NodeActor : UntypedActor, IWithTimers, INodeReceiver
{
    private readonly NodeSettings settings;
    private readonly IActorRef singleton;
    private readonly string name;
    private readonly string storage;
    private readonly LaneToken? token;
    private readonly Action<string> refused;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly IActorRef self = Context.Self;
    private readonly MachinePost post = new(Context.System);
    private readonly Dictionary<MachineId, IActorRef> machines = [];
    private readonly Dictionary<MachineId, MachineEnd> ended = [];
    private LaneNetwork? wire;
    private DirectNode? orders;
    private NodeParts? parts;
    private TaskPlan? opened;
    private bool isOpening;
    private FetchedData? fetched;
    private WorkerCompute? compute;
    private StoreDoor? store;
    private IActorRef? leaving;
    private long reports;

    /// <param name="settings">Of the node.</param>
    /// <param name="singleton">The way to it.</param>
    /// <param name="name">Unique address of this incarnation.</param>
    /// <param name="storage">Of its folder of runs; empty: it is no candidate.</param>
    /// <param name="refused">Told why the singleton does not want the node: it ends then.</param>
    public NodeActor(NodeSettings settings, IActorRef singleton, string name, string storage, Action<string> refused)
    {
        this.settings = settings;
        this.singleton = singleton;
        this.name = name;
        this.storage = storage;
        this.refused = refused;
        token = settings.Security.ToLanes().Token;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeSettings settings, IActorRef singleton, string name, string storage, Action<string> refused) =>
        Akka.Actor.Props.Create(() => new NodeActor(settings, singleton, name, storage, refused)).WithDispatcher(ClusterDispatchers.Hosts);

    /// <summary>A message of another node's machine: on the lane's thread.</summary>
    public void Receive(int node, MachineId from, MachineId to, Message message) => post.Deliver(to, new MessageArrived(from, message), message.Payload);

    /// <summary>What the store says: on the lane's thread.</summary>
    public void Receive(int node, ReadOnlySpan<byte> packet) => Volatile.Read(ref store)?.Receive(node, packet);

    /// <summary>On the lane's thread.</summary>
    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => Volatile.Read(ref store)?.Rent(head, floats);

    public void Refused(int node)
    {
        // The log was told; the singleton says what follows.
    }

    public byte[]? Answer(ReadOnlySpan<byte> question) => null;

    public void Suspect(int node, string? reason)
    {
        // The singleton sees the lanes of all nodes, and Akka the members.
    }

    /// <summary>A machine that throws is over; <see cref="MachineActor"/> has said so.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(ReportTime), ReportTime.Instance, TimeSpan.Zero, HostClock.Tick * HostClock.MeasureTicks);
        Timers.StartPeriodicTimer(nameof(ChannelTick), ChannelTick.Instance, HostClock.Tick);
    }

    protected override void PostStop() => LetGo();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DirectNode direct when direct.Order.CompareTo(orders?.Order ?? default) > 0:
                Follow(direct);
                Report();
                break;
            case DirectNode:
                break;
            case NodeRefused refusal:
                log.Error("The cluster refuses this node: {0}", refusal.Reason);
                refused(refusal.Reason);
                break;
            case ReportTime:
                Report();
                break;
            case ChannelTick:
                store?.Channel.Tick();
                post.Flush(all: true);
                break;
            case Opened opening when orders?.Run == opening.Run:
                OnOpened(opening);
                break;
            case DataLost lost when orders?.Run == lost.Run:
                // Its worker throws when it needs what has not come; that one's successor finds what came in the cache.
                ForgetData();
                break;
            case MachineCrashed crashed when machines.ContainsKey(crashed.Machine):
                log.Error(crashed.Cause, "{0} ended", crashed.Machine);
                End(new MachineEnd(crashed.Machine, MachineEndKind.Crashed, crashed.Cause.Message));
                break;
            case MachineGone gone when machines.ContainsKey(gone.Machine):
                MachineEndKind kind = KindOf(gone.Leave.Refusal);
                log.Log(kind == MachineEndKind.Refused ? LogLevel.WarningLevel : LogLevel.InfoLevel, $"{gone.Machine} has left: {gone.Leave.Reason}");
                End(new MachineEnd(gone.Machine, kind, gone.Leave.Reason));
                break;
            case LeavePolitely:
                leaving = Sender;
                foreach (MachineId machine in machines.Keys)
                {
                    post.Deliver(machine, new LeaveRequested());
                }

                Report();
                AnswerWhenLeft();
                break;
        }
    }

    private static MachineEndKind KindOf(RefusalReason? refusal) => refusal switch
    {
        null or RefusalReason.RunEnded => MachineEndKind.Left,
        RefusalReason.TakenForLost or RefusalReason.StaleEpoch => MachineEndKind.TakenForLost,
        _ => MachineEndKind.Refused,
    };

    private void Report()
    {
        (long sent, long received) = wire?.Bytes ?? default;
        long number = ++reports;
        singleton.Tell(new NodeReported
        {
            Node = name,
            WireVersion = settings.WireVersion,
            NumericsVersion = settings.NumericsVersion,
            Number = number,
            Proof = NodeSettings.Proof(token, name, number),
            Storage = storage,
            HostsServers = settings.Roles.Contains(NodeSettings.ServerRole),
            HostsWorkers = settings.Roles.Contains(NodeSettings.WorkerRole),
            IsLeaving = leaving is not null,
            Threads = settings.Threads,
            ProcessId = Environment.ProcessId,
            Run = orders?.Run ?? "",
            Lane = orders?.Lane ?? 0,
            Addresses = wire?.Addresses ?? [],
            Order = orders?.Order ?? default,
            Machines = [.. machines.Keys.Order()],
            Ended = [.. ended.Values],
            BytesSent = sent,
            BytesReceived = received,
            Times = compute?.Times ?? default,
        });
    }

    private void End(MachineEnd end)
    {
        StopMachine(end.Machine);
        ended[end.Machine] = end;
        Report();
        AnswerWhenLeft();
    }

    private void AnswerWhenLeft()
    {
        if (leaving is { } asker && machines.Count == 0 && !isOpening)
        {
            asker.Tell(Left.Instance);
        }
    }

    internal sealed record LeavePolitely
    {
        public static readonly LeavePolitely Instance = new();
    }

    internal sealed record Left
    {
        public static readonly Left Instance = new();
    }

    private sealed record MachineGone(MachineId Machine, Leave Leave);

    private sealed record DataLost(string Run);

    private sealed record Opened(string Run, TaskPlan? Plan, Exception? Failure) : INoSerializationVerificationNeeded;

    private sealed record ReportTime
    {
        public static readonly ReportTime Instance = new();
    }

    private sealed record ChannelTick
    {
        public static readonly ChannelTick Instance = new();
    }
}
