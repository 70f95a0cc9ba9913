using System.Collections.Concurrent;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// A run in one process: coordinator, servers and workers as machines whose messages are references. Threads: one for each
/// worker's computations (with its fork-join pool), a clock for ticks; machines run on whichever thread feeds them.
/// </summary>
internal sealed partial class InProcessRun : IEngineRun
{
    private readonly TaskCompletionSource<Checkpoint> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BlockPool pool;
    private readonly ConcurrentDictionary<MachineId, MachineHost> hosts = [];
    private readonly ConcurrentDictionary<MachineId, WorkerCompute> computes = [];
    private readonly TrainingTask task;
    private readonly TaskPlan taskPlan;
    private readonly RunIdentity identity;
    private readonly ProtocolOptions options;
    private readonly Checkpoint start;
    private readonly BlockPlan plan;
    private readonly RunStore store;
    private readonly RunJournal journal;
    private readonly Action<StepCommitted>? onStep;
    private readonly TimelineFile? timeline;
    private readonly SpanBuffer? spans;
    private readonly Lock storingGate = new();
    private Task storing = Task.CompletedTask;
    private Clock? clock;
    private RunCompleted? completed;
    private long ticks;
    private volatile bool stopRequested;

    /// <param name="task">What to train.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="folder">Where checkpoints go; null: they stay in memory.</param>
    /// <param name="publish">Gets the events, one at a time.</param>
    /// <param name="onStep">Gets every committed step, one at a time; null: nobody counts them.</param>
    /// <param name="timeline">Gets where time goes, and is disposed with the run; null: nobody asks.</param>
    public InProcessRun(TrainingTask task, Checkpoint start, CheckpointFolder? folder, Action<TrainingEvent> publish, Action<StepCommitted>? onStep = null, TimelineFile? timeline = null)
    {
        this.timeline = timeline;
        spans = timeline is null ? null : new SpanBuffer();
        timeline?.Name(0, "train");
        this.onStep = onStep;
        RunJob run = task.Job.Run;
        this.task = task;
        this.start = start;
        taskPlan = new TaskPlan(task);
        plan = taskPlan.Blocks;
        pool = new BlockPool(plan);
        store = new RunStore(task, plan, start, folder);
        identity = RunIdentity.Of(task.Job.Sha256(), start.DataSha256);
        options = taskPlan.Options;
        RunStart runStart = taskPlan.StartAt(start);
        journal = new RunJournal(task, runStart.Totals, start.Steering, start.Step, store.PathOf, publish);
        Add(new CoordinatorMachine(taskPlan.Run, plan, options, identity, runStart));
        for (int i = 0; i < run.Servers; i++)
        {
            AddServerHost();
        }

        for (int i = 0; i < run.Workers; i++)
        {
            AddWorkerHost();
        }
    }

    public Task<Checkpoint> Completion => completion.Task;

    public RunJournal Journal => journal;

    public WeightVersion? End => completed?.Version;

    /// <summary>How the run ended; null before it did.</summary>
    public RunCompleted? Outcome => completed;

    /// <summary>Gets everything the coordinators report, one at a time, before anybody else; set before <see cref="Start"/>.</summary>
    public Action<RunEvent>? OnReport { get; set; }

    /// <summary>Threads of each worker: the job's, or its share of the cores.</summary>
    public static int ThreadsOf(RunJob run) => run.Threads ?? Math.Max(1, Environment.ProcessorCount / run.Workers);

    public void Start()
    {
        clock = new Clock(OnTick);
        foreach (MachineHost host in hosts.Values)
        {
            host.Post(new MachineStarted(0));
        }
    }

    public void RequestStop()
    {
        stopRequested = true;
        hosts[MachineId.Coordinator].Post(new StopRequested());
    }

    public void Dispose()
    {
        clock?.Dispose();
        foreach (MachineHost host in hosts.Values)
        {
            host.Close();
        }

        foreach (WorkerCompute compute in computes.Values)
        {
            compute.Dispose();
        }

        // Nobody finds a half-written checkpoint or a folder in use after the run, and its timeline has what its last step took.
        storing.Wait();
        foreach (WorkerCompute compute in spans is null ? [] : computes.Values)
        {
            compute.Await();
        }

        WriteTimeline();
        timeline?.Dispose();
    }

    private static void Answer(MachineHost host, Input input, BlockBuffer? buffer)
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

    private MachineHost Add(IMachine machine)
    {
        var host = new MachineHost(machine, Perform, Fault, spans is null ? null : new MachineSpans(machine, spans));
        hosts[machine.Id] = host;
        return host;
    }

    private void Perform(MachineHost host, Effect effect)
    {
        switch (effect)
        {
            case Send send:
                // The effect's reference to the payload goes on to the receiver, who releases it after its Step.
                if (hosts.TryGetValue(send.To, out MachineHost? receiver))
                {
                    Answer(receiver, new MessageArrived(host.Id, send.Message), send.Message.Payload);
                }
                else
                {
                    send.Release();
                }

                break;
            case Report report:
                Report(report.Event);
                break;
            case LoadBlocks load:
                Load(host, load);
                break;
            case StoreShard shard:
                host.Post(new ShardStored(shard.Epoch, shard.Version, store.Collect(shard)));
                break;
            case CommitManifest manifest:
                // One after the other: an older checkpoint must never end up as the newest.
                StoredVersion? version = store.Take(manifest);
                InOrder(() => Write(host, manifest, version));

                break;
            case Leave leave:
                OnLeave(host, leave);
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

    private void Report(RunEvent happened)
    {
        OnReport?.Invoke(happened);
        journal.Take(happened);
        if (happened is StepCommitted step)
        {
            onStep?.Invoke(step);
        }

        if (happened is RunFailed failed)
        {
            completion.TrySetException(new TrainingFailedException(failed.Reason));
        }

        if (happened is CheckpointCommitted known)
        {
            InOrder(() => store.Retain(known.Version));
        }

        completed = happened as RunCompleted ?? completed;
    }

    private void OnLeave(MachineHost host, Leave leave)
    {
        if (leave.Refusal == RefusalReason.ComputesWrong)
        {
            // Named and dropped by an audit; the others go on.
            hosts.TryRemove(host.Id, out _);
        }
        else if (leave.Refusal is { } refusal)
        {
            Fault(new InvalidOperationException($"{host.Id} was refused ({refusal}): {leave.Reason}"));
        }
        else if (host.Id == MachineId.Coordinator)
        {
            Finish();
        }
    }

    /// <summary>The run's weights may be those of an earlier version. A run that failed or was over before it began has no result.</summary>
    private void Finish()
    {
        try
        {
            completion.TrySetResult(store.At(completed?.Result ?? new WeightVersion(store.Newest.Step)));
        }
        catch (UserError error)
        {
            completion.TrySetException(error);
        }
    }

    private void Fault(Exception exception) => completion.TrySetException(exception);

    private void WriteTimeline()
    {
        if (spans is not null)
        {
            lock (spans)
            {
                timeline!.Add(0, spans.Drain());
            }
        }
    }

    private void OnTick()
    {
        long now = ++ticks;
        foreach (MachineHost host in hosts.Values)
        {
            host.Post(new Ticked(now));
        }

        if (now % NodeTimeline.SendTicks == 0)
        {
            WriteTimeline();
        }
    }
}
