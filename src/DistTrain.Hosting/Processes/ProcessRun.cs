using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// A run of several processes, seen from its launcher: starts them, keeps the directory, stores checkpoints, tells people, and hands
/// on what they order. It hosts no machine. The one authority over the run folder, whatever happens to coordinators.
/// </summary>
/// <remarks>
/// One gate guards everything; nothing under it waits: channels and lanes only queue. Long work (reading blocks of the store, writing
/// checkpoints) runs on the pool.
/// </remarks>
internal sealed partial class ProcessRun : IEngineRun, INodeReceiver
{
    private readonly TaskCompletionSource<Checkpoint> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TrainingTask task;
    private readonly Checkpoint start;
    private readonly ProcessesOptions options;
    private readonly TaskPlan plan;
    private readonly RunIdentity identity;
    private readonly RunStore store;
    private readonly ServedData data;
    private readonly TimelineFile? timeline;
    private readonly BlockPool pool = new();
    private readonly Action<TrainingEvent> publish;
    private readonly Action<StepCommitted>? onStep;
    private readonly Lock gate = new();
    private readonly Dictionary<int, LaunchedNode> nodes = [];
    private readonly List<MachineId> dead = [];
    private readonly SocketFolder sockets = new();
    private readonly NodeSecurity security;
    private readonly NodeName name = new(NodeHost.Launcher, NodeName.NewRun());
    private readonly LaneNetwork wire;
    private Task commits = Task.CompletedTask;
    private Clock? clock;
    private RunCompleted? completed;
    private int nextNode = NodeHost.Launcher + 1;
    private int nextServer;
    private int nextWorker;
    private int term;
    private long directoryNumber;
    private bool stopRequested;

    // Invariant: once set, nothing is started any more.
    private bool ending;

    /// <param name="task">What to train.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="folder">Where checkpoints go; null: they stay in memory.</param>
    /// <param name="options">How.</param>
    /// <param name="publish">Gets the events, one at a time.</param>
    /// <param name="onStep">Gets every committed step, one at a time; null: nobody counts them.</param>
    /// <param name="timeline">Gets where time goes, and is disposed with the run; null: nobody asks.</param>
    public ProcessRun(
        TrainingTask task, Checkpoint start, CheckpointFolder? folder, ProcessesOptions options, Action<TrainingEvent> publish, Action<StepCommitted>? onStep = null,
        TimelineFile? timeline = null)
    {
        this.timeline = timeline;
        timeline?.Name(NodeHost.Launcher, "launcher");
        this.task = task;
        this.start = start;
        this.options = options.Validated();
        this.publish = publish;
        this.onStep = onStep;
        plan = new TaskPlan(task);
        identity = RunIdentity.Of(task.Job.Sha256(), task.DataSha256);
        data = new ServedData(task);
        store = new RunStore(task, plan.Blocks, start, folder);
        Journal = new RunJournal(task, plan.StartAt(start).Totals, start.Steering, start.Step, store.PathOf, publish);

        // Who listens for others decides with which token; among the processes of one user any will do.
        security = options.Listen is null && options.Security is { Token: null, TlsAuthority: null } ? options.Security with { Token = LaneToken.NewText() } : options.Security;
        try
        {
            LaneAddress[] doors = options.Listen is { } door ? [sockets.Address(NodeHost.Launcher), door] : [sockets.Address(NodeHost.Launcher)];
            wire = new LaneNetwork(name, doors, security.ToLanes(), this, options.Log.WriteLine);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    public Task<Checkpoint> Completion => completion.Task;

    public RunJournal Journal { get; }

    public WeightVersion? End => completed?.Version;

    /// <summary>Processes that live now: number of the node, id, machines.</summary>
    public IReadOnlyList<(int Node, int ProcessId, IReadOnlyList<MachineId> Machines)> Processes
    {
        get
        {
            lock (gate)
            {
                return [.. nodes.Values.Where(node => node.Process is not null).Select(node => (node.Number, node.Process!.Id, node.Machines))];
            }
        }
    }

    /// <summary>Times that a lane to a living process broke.</summary>
    public int Suspicions { get; private set; }

    /// <summary>Asked for every report of a coordinator before anybody hears it: false loses it, as its process's end might; set before <see cref="Start"/>.</summary>
    public Func<RunEvent, bool> Hears { get; set; } = static _ => true;

    /// <summary>Where the launcher listens: for its children, then, when it does, for others.</summary>
    public IReadOnlyList<string> Addresses => wire.Addresses;

    /// <summary>Who may connect.</summary>
    public NodeSecurity Security => security;

    /// <summary>When the last of the steps that are being told was committed: a timestamp of the coordinator's process.</summary>
    public long CommittedAt { get; private set; }

    /// <summary>Where the run's sockets are.</summary>
    public string SocketPath => sockets.Path;

    public void Start()
    {
        if (options.RunFolder is { } folder)
        {
            new LiveFile(wire.Addresses[0], security, Environment.ProcessId).Write(folder);
        }

        if (options.Listen is not null)
        {
            publish(new RunNotice($"others can join: disttrain join {wire.Addresses[1]}"));
        }

        clock = new Clock(OnTick);
        RunJob run = task.Job.Run;
        lock (gate)
        {
            Launch(new NodeSlot("coordinator", 0, 0, IsCoordinator: true));
            IReadOnlyList<int> cores = options.BindsCores ? Cores.Allowed() : [];
            for (int i = 0; i < Math.Max(run.Workers, run.Servers); i++)
            {
                int workers = i < run.Workers ? 1 : 0;
                Launch(new NodeSlot(workers > 0 ? $"worker {i}" : $"server {i}", workers, i < run.Servers ? 1 : 0)
                {
                    Cores = workers > 0 ? Cores.PartOf(cores, i, run.Workers, InProcessRun.ThreadsOf(run)) : null,
                });
            }
        }
    }

    public void RequestStop()
    {
        lock (gate)
        {
            stopRequested = true;
            Coordinator?.Channel.Post(new StopRun());
        }
    }

    public void Dispose()
    {
        List<LaunchedNode> left;
        lock (gate)
        {
            ending = true;
            left = [.. nodes.Values];
            if (timeline is null)
            {
                nodes.Clear();
            }
        }

        clock?.Dispose();
        foreach (LaunchedNode node in left)
        {
            node.Channel.Post(new EndNode());
        }

        ChildProcess[] processes = [.. left.Select(node => node.Process).OfType<ChildProcess>()];
        if (timeline is not null)
        {
            // The rest of their spans; who does not hear the order ends with its lifeline.
            Task.WaitAll([.. processes.Select(process => process.Exited)], 2 * HostClock.FlushMax);
        }

        foreach (ChildProcess process in processes)
        {
            process.End(runGoesOn: false);
        }

        if (!Task.WaitAll([.. processes.Select(process => process.Exited)], HostClock.EndMax))
        {
            foreach (ChildProcess process in processes)
            {
                process.Kill();
            }

            Task.WaitAll([.. processes.Select(process => process.Exited)], HostClock.EndMax);
        }

        foreach (LaunchedNode node in left)
        {
            node.Channel.Close();
            node.Store.Dispose();
            node.Process?.Dispose();
        }

        wire.Dispose();
        timeline?.Dispose();
        sockets.Dispose();
        LiveFile.Remove(options.RunFolder);
    }

    private LaunchedNode? Coordinator => nodes.Values.FirstOrDefault(node => node.HostsCoordinator);

    private void Fail(Exception exception)
    {
        ending = true;
        completion.TrySetException(exception);
    }

    private void Report(RunEvent happened)
    {
        Journal.Take(happened);
        if (happened is StepCommitted step)
        {
            onStep?.Invoke(step);
        }

        if (happened is RunFailed failed)
        {
            Fail(new TrainingFailedException(failed.Reason));
        }

        if (happened is MemberGone gone)
        {
            ForgetJoined(gone.Member);
        }

        if (happened is CheckpointCommitted known)
        {
            commits = commits.ContinueWith(_ => store.Retain(known.Version), TaskScheduler.Default);
        }

        completed = happened as RunCompleted ?? completed;
    }

    /// <summary>The coordinator has left. The run's weights may be those of an earlier version; a run that was over before it began has no result.</summary>
    private void Finish()
    {
        ending = true;
        try
        {
            completion.TrySetResult(store.At(completed?.Result ?? new WeightVersion(store.Newest.Step)));
        }
        catch (UserError error)
        {
            completion.TrySetException(error);
        }
    }

    private void OnTick()
    {
        List<LaunchedNode> now;
        lock (gate)
        {
            now = [.. nodes.Values];
            if (!ending)
            {
                DismissUnheard();
            }
        }

        foreach (LaunchedNode node in now)
        {
            node.Channel.Tick();
        }
    }
}
