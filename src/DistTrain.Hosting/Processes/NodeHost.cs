using System.Collections.Concurrent;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// A node: the machines of one process, with the same hosts and compute ports as in one process for all. What machines say to
/// machines elsewhere goes over the wire; what they ask of the run's store and tell people goes to the launcher.
/// </summary>
internal sealed partial class NodeHost : INodeReceiver, IDisposable
{
    /// <summary>The launcher's number among the nodes.</summary>
    public const int Launcher = 0;

    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<MachineId, MachineHost> hosts = [];
    private readonly ConcurrentDictionary<MachineId, WorkerCompute> computes = [];
    private readonly INodeWire wire;
    private readonly HostChannel launcher;
    private readonly ReportFence fence;
    private readonly TextWriter log;
    private readonly NodeData data;

    // Tick since which the launcher is not heard, 0: it is. Invariant: not 0 before the first word of it.
    private long launcherLost = 1;
    private int exitCode = NodeExit.Done;
    private volatile Dictionary<MachineId, int> places = [];
    private NodeDirectory directory = NodeDirectory.Empty;
    private NodeParts? parts;
    private volatile FetchedData? fetched;
    private volatile NodeTimeline? timeline;
    private Clock? clock;
    private long ticks;

    /// <param name="connect">Makes the node's wire.</param>
    /// <param name="launcherAddresses">Where the launcher is.</param>
    /// <param name="log">For people.</param>
    /// <param name="data">Where its workers' data come from; null: as a child of the launcher has them.</param>
    public NodeHost(Func<INodeReceiver, INodeWire> connect, IReadOnlyList<string> launcherAddresses, TextWriter log, NodeData? data = null)
    {
        this.log = log;
        this.data = data ?? NodeData.OfChild;
        wire = connect(this);
        launcher = new HostChannel(packet => wire.Send(Launcher, packet), Deliver);
        fence = new ReportFence(launcher.Post, send =>
        {
            Deliver(MachineId.Coordinator, send);
            wire.Flush(all: false);
        });
        wire.Reach(Launcher, launcherAddresses);
    }

    /// <summary>Tells the launcher that the node is there.</summary>
    public void Begin()
    {
        clock = new Clock(OnTick);
        launcher.Post(new NodeArrived(wire.Addresses, Environment.ProcessId));
    }

    /// <summary>Completes with the process's exit code.</summary>
    public Task<int> Ended => ended.Task;

    /// <summary>Steps in which its workers computed something.</summary>
    public long StepsComputed => computes.Values.Sum(compute => compute.Times.Steps);

    /// <summary>What came from the launcher because this host lacks it; null: nothing had to.</summary>
    public FetchedData? Fetched => fetched;

    /// <summary>The node's machines leave as soon as the run can do without them.</summary>
    public void RequestLeave()
    {
        foreach (MachineHost host in hosts.Values)
        {
            host.Post(new LeaveRequested());
        }
    }

    public void Receive(int node, MachineId from, MachineId to, Message message)
    {
        if (hosts.TryGetValue(to, out MachineHost? host))
        {
            Post(host, new MessageArrived(from, message), message.Payload);
        }
        else
        {
            message.Payload?.Release();
        }
    }

    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => parts?.Rent(head, floats);

    public void Receive(int node, ReadOnlySpan<byte> packet)
    {
        if (node == Launcher)
        {
            launcher.Receive(packet);
        }
    }

    public byte[]? Answer(ReadOnlySpan<byte> question) => null;

    public void Suspect(int node, string? reason)
    {
        // The launcher sees the lanes of all nodes, and tells the coordinator. Without it there is no run.
        if (node == Launcher)
        {
            Interlocked.Exchange(ref launcherLost, reason is null ? 0 : Interlocked.Read(ref ticks) + 1);
        }
    }

    public void Refused(int node)
    {
        if (node == Launcher)
        {
            ended.TrySetResult(NodeExit.Orphaned);
        }
    }

    public void Dispose()
    {
        clock?.Dispose();
        launcher.Close();
        foreach (MachineHost host in hosts.Values)
        {
            host.Close();
        }

        foreach (WorkerCompute compute in computes.Values)
        {
            compute.Dispose();
        }

        fetched?.Dispose();
        wire.Dispose();
    }

    private static void Post(MachineHost host, Input input, BlockBuffer? buffer)
    {
        if (buffer is null)
        {
            host.Post(input);
        }
        else
        {
            host.Post(input, buffer);
        }
    }

    private void Perform(MachineHost host, Effect effect)
    {
        switch (effect)
        {
            case Send send when host.Id == MachineId.Coordinator:
                fence.Send(send);
                break;
            case Send send:
                Deliver(host.Id, send);
                break;
            case Report report:
                Tell(report.Event);
                break;
            case LoadBlocks load:
                launcher.Post(new AskBlocks(host.Id, load.Epoch, load.Version, load.Blocks));
                break;
            case StoreShard shard:
                _ = Task.Run(() => SendShard(host.Id, shard));
                break;
            case CommitManifest manifest:
                launcher.Post(new CommitCheckpoint(manifest.Epoch, manifest.Version, manifest.Shards, manifest.Totals, manifest.Steering));
                break;
            case Leave leave:
                if (leave.Refusal is { } refusal and not RefusalReason.RunEnded)
                {
                    // The launcher answers by ending this process, without a word for people.
                    log.WriteLine($"{host.Id} was refused: {leave.Reason}");
                    exitCode = refusal switch
                    {
                        RefusalReason.OtherRun => NodeExit.BadInput,
                        RefusalReason.TakenForLost => NodeExit.Orphaned,
                        _ => NodeExit.Failed,
                    };
                }

                launcher.Post(new MachineLeft(host.Id, leave.Reason, leave.Refusal));
                break;
            default:
                if (!computes[host.Id].Perform(effect))
                {
                    throw new InvalidOperationException($"{host.Id} asked for {effect.GetType().Name}, which no host performs.");
                }

                effect.Release();
                break;
        }
    }

    /// <summary>The effect's reference to the payload goes on: to the receiver here, or to the wire.</summary>
    private void Deliver(MachineId from, Send send)
    {
        if (hosts.TryGetValue(send.To, out MachineHost? receiver))
        {
            Post(receiver, new MessageArrived(from, send.Message), send.Message.Payload);
        }
        else if (places.TryGetValue(send.To, out int node))
        {
            wire.Send(node, from, send.To, send.Message);
        }
        else
        {
            send.Release();
        }
    }

    /// <summary>Told to the launcher, who decides what follows; the process ends.</summary>
    private void Fault(Exception exception)
    {
        bool isDefect = exception is not (Tensors.UserError or EngineFailedException or IOException or UnauthorizedAccessException);
        string reason = isDefect ? exception.ToString() : exception.Message;
        log.WriteLine(reason);
        launcher.Post(new NodeFailed(reason, isDefect));

        // The launcher answers by ending this process; a launcher that does not answer must not keep it alive.
        _ = Task.Delay(HostClock.EndMax).ContinueWith(_ => ended.TrySetResult(isDefect ? NodeExit.Failed : NodeExit.BadInput), TaskScheduler.Default);
    }

    private void OnTick()
    {
        long now = Interlocked.Increment(ref ticks);
        foreach (MachineHost host in hosts.Values)
        {
            host.Post(new Ticked(now));
        }

        if (now % HostClock.MeasureTicks == 0 && parts is not null)
        {
            Measure();
        }

        if (Interlocked.Read(ref launcherLost) is > 0 and var since && now - since > HostClock.LauncherLostTicks && !ended.Task.IsCompleted)
        {
            log.WriteLine("the launcher is not heard of any more");
            ended.TrySetResult(NodeExit.Orphaned);
        }

        wire.Watch?.Look();
        timeline?.Tick(now);
        launcher.Tick();
        if (now % HostClock.TellTicks == 0)
        {
            TellSteps();
        }

        wire.Flush(all: true);
    }
}
