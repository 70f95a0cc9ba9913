using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using DistTrain.Hosting;
using DistTrain.Protocol;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistTrain.Cluster;

/// <summary>
/// A run, at the singleton: hosts the coordinator's actor, gives every node its orders, and has the run's store. What nodes are to do is one
/// state, so nothing that gets lost on the way matters for long. Decides nothing about training: the coordinator does.
/// </summary>
internal sealed partial class RunActor : UntypedActor, IWithTimers, INodeReceiver
{
    private readonly ClusterRun run;
    private readonly ClusterFile file;
    private readonly ServedData data;
    private readonly NodeSettings settings;
    private readonly MachinePost post = new(Context.System);
    private readonly BlockPool pool = new();
    private readonly Dictionary<string, RunNode> nodes = [];
    private readonly ConcurrentDictionary<int, RunNode> lanes = [];
    private readonly NodeSlot coordinatorSlot = new("coordinator", 0, 0, IsCoordinator: true);
    private readonly AkkaCluster cluster = AkkaCluster.Get(Context.System);
    private readonly IActorRef self = Context.Self;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private LaneNetwork wire = null!;
    private IActorRef coordinator = ActorRefs.Nobody;
    private NodeSetup setup = null!;
    private RunStatus? status;
    private LiveRun live;
    private int lane;
    private readonly OrderCounter counter;
    private long orders;
    private bool isSuccessor;

    public RunActor(ClusterRun run, ClusterFile file, NodeSettings settings, OrderCounter counter)
    {
        this.counter = counter;
        this.run = run;
        this.file = file;
        this.settings = settings;
        live = file.Run!;
        data = new ServedData(run.Task);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ClusterRun run, ClusterFile file, NodeSettings settings, OrderCounter counter) =>
        Akka.Actor.Props.Create(() => new RunActor(run, file, settings, counter)).WithDispatcher(ClusterDispatchers.Hosts);

    /// <summary>A lane broke, or stands again: from a lane's thread.</summary>
    public void Suspect(int node, string? reason) => self.Tell(new LaneSuspected(node, reason));

    public void Receive(int node, MachineId from, MachineId to, Message message) => message.Payload?.Release();

    public void Receive(int node, ReadOnlySpan<byte> packet)
    {
        if (lanes.TryGetValue(node, out RunNode? sender))
        {
            sender.Channel.Receive(packet);
        }
    }

    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => null;

    public void Refused(int node)
    {
        // The node's own log says so too; without a lane its servers can't load, and the coordinator finds them silent.
    }

    public byte[]? Answer(ReadOnlySpan<byte> question) => null;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        isSuccessor = live.Term > 0;
        lane = live.NextLane;
        Save(live with { NextLane = lane + 1 });
        setup = run.Setup;
        wire = new LaneNetwork(
            MemberName.OnLanes(lane, live.Id), [LaneAddress.Tcp(settings.Lanes.Host!, 0)], settings.Security.ToLanes(), this, text => log.Warning("lanes: {0}", text));
        wire.Enter(run.Identity);
        post.Use(wire);
        Timers.StartPeriodicTimer(nameof(ChannelsTick), ChannelsTick.Instance, HostClock.Tick);
        Timers.StartPeriodicTimer(nameof(AskStatus), AskStatus.Instance, HostClock.Tick * HostClock.MeasureTicks);
        StartCoordinator();
    }

    protected override void PostStop()
    {
        foreach (RunNode node in nodes.Values)
        {
            node.Channel.Close();
            node.Store.Dispose();
        }

        post.Clear();
        wire.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Heard heard:
                Hear(heard.Reported, heard.Node);
                break;
            case Reachable reachable when nodes.TryGetValue(reachable.Node, out RunNode? node):
                Suspect(node, reachable.Reason);
                break;
            case Removed removed:
                Remove(removed.Node, removed.Reason);
                break;
            case LaneSuspected suspected when lanes.TryGetValue(suspected.Lane, out RunNode? node):
                Suspect(node, suspected.Reason);
                break;
            case Report report:
                run.Report(report.Event);
                break;
            case CommitManifest manifest:
                IActorRef asker = coordinator;
                run.Commit(manifest, input => asker.Tell(new MachineActor.Delivery(input)));
                break;
            case Leave leave:
                OnLeave(leave);
                break;
            case MachineCrashed crashed:
                OnCoordinatorCrashed(crashed);
                break;
            case StartAgain:
                StartCoordinator();
                PushOrders();
                TellWhoIsFound();
                break;
            case PlaceAgain again when nodes.ContainsValue(again.Node):
                Place(again.Node, again.Role);
                PushOrders();
                break;
            case EndRun when live.Stopping:
                // Asked a second time: it does not get to its end, because machines are missing.
                Context.Stop(coordinator);
                run.Notice($"asked a second time to stop: the run ends with its newest checkpoint, of step {run.Store.Newest.Step}");
                run.Finish();
                Sender.Tell(new RunTaken(live.Folder));
                break;
            case EndRun:
                // Answered when nothing can undo it.
                Save(live with { Stopping = true });
                Tell(new StopRequested());
                Sender.Tell(new RunTaken(live.Folder));
                break;
            case ChannelsTick:
                foreach (RunNode node in nodes.Values)
                {
                    node.Channel.Tick();
                }

                break;
            case AskStatus:
                coordinator.Tell(new MachineActor.Look(machine => self.Tell(((CoordinatorMachine)machine).Status)));
                break;
            case RunStatus told:
                status = told;
                break;
            case AskReport:
                Sender.Tell(new ReportReady(ReportNow()));
                break;
        }
    }

    /// <summary>The one coordinator of a term. A successor begins with the newest checkpoint, and asks what servers have beyond it.</summary>
    private void StartCoordinator()
    {
        int term = live.Term + 1;
        foundTold = false;
        Save(live with { Term = term });
        RunStart start = term == 1 ? run.Plan.StartAt(run.Origin) : run.Plan.SuccessorAt(run.Origin, run.Store.Complete);
        var machine = new CoordinatorMachine(run.Plan.Run, run.Plan.Blocks, run.Plan.OptionsBetweenProcesses, run.Identity, start, term);
        coordinator = Context.ActorOf(MachineActor.Props(machine, Perform), FormattableString.Invariant($"coordinator-{term}"));
        post.Add(MachineId.Coordinator, coordinator);
        if (live.Stopping)
        {
            // The one before may have been lost before it told anybody.
            Tell(new StopRequested());
        }
    }

    /// <summary>On the coordinator's thread.</summary>
    private void Perform(MachineId machine, Effect effect)
    {
        if (effect is Send send)
        {
            post.Send(machine, send);
        }
        else
        {
            self.Tell(effect);
        }
    }

    private void OnLeave(Leave leave)
    {
        if (leave.Refusal is null)
        {
            run.Finish();
        }
        else
        {
            run.Fail(new DeposedException($"the coordinator of term {live.Term} has left: {leave.Reason}"));
        }
    }

    private void OnCoordinatorCrashed(MachineCrashed crashed)
    {
        post.Remove(MachineId.Coordinator);
        if (coordinatorSlot.DelayAfterDeath(run.Journal.Samples) is not { } delay)
        {
            run.Fail(new InvalidOperationException("The coordinator threw again and again.", crashed.Cause));
            return;
        }

        run.Notice($"the coordinator threw, another one takes over: {crashed.Cause.Message}");
        Timers.StartSingleTimer(nameof(StartAgain), StartAgain.Instance, delay);
    }

    private void Tell(Input input) => coordinator.Tell(new MachineActor.Delivery(input));

    /// <summary>Before what it says is acted upon.</summary>
    private void Save(LiveRun next)
    {
        file.Save(next);
        live = next;
    }

    internal sealed record Heard(NodeReported Reported, IActorRef Node) : INoSerializationVerificationNeeded;

    /// <summary>A member can't be reached (with the reason), or can be again.</summary>
    internal sealed record Reachable(string Node, string? Reason);

    internal sealed record Removed(string Node, string Reason);

    internal sealed record AskReport;

    internal sealed record ReportReady(RunReport Report) : INoSerializationVerificationNeeded;

    private sealed record LaneSuspected(int Lane, string? Reason);

    private sealed record PlaceAgain(RunNode Node, MachineRole Role) : INoSerializationVerificationNeeded;

    private sealed record StartAgain
    {
        public static readonly StartAgain Instance = new();
    }

    private sealed record ChannelsTick
    {
        public static readonly ChannelsTick Instance = new();
    }

    private sealed record AskStatus
    {
        public static readonly AskStatus Instance = new();
    }
}
