using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cluster;

/// <summary>
/// A run of the cluster as its session sees it: the books of the run (store, journal, result). <see cref="RunActor"/> hosts the coordinator
/// and knows the nodes; it calls this one report at a time.
/// </summary>
internal sealed class ClusterRun : IEngineRun
{
    private readonly TaskCompletionSource<Checkpoint> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<ClusterRun> begin;
    private readonly Action requestStop;
    private readonly Action<TrainingEvent> publish;
    private readonly Action mustBeNewest;
    private Task commits = System.Threading.Tasks.Task.CompletedTask;
    private RunCompleted? completed;

    /// <param name="task">What to train.</param>
    /// <param name="origin">Where to begin.</param>
    /// <param name="folder">Where checkpoints go.</param>
    /// <param name="publish">Gets the events, one at a time.</param>
    /// <param name="begin">Starts the machines.</param>
    /// <param name="requestStop">Ends the run after a checkpoint.</param>
    /// <param name="mustBeNewest">Throws <see cref="DeposedException"/> when another singleton has taken over: nothing is written then.</param>
    public ClusterRun(
        TrainingTask task, Checkpoint origin, CheckpointFolder? folder, Action<TrainingEvent> publish, Action<ClusterRun> begin, Action requestStop, Action mustBeNewest)
    {
        Task = task;
        Origin = origin;
        this.publish = publish;
        this.begin = begin;
        this.requestStop = requestStop;
        this.mustBeNewest = mustBeNewest;
        Plan = new TaskPlan(task);
        Identity = RunIdentity.Of(task.Job.Sha256(), task.DataSha256);
        Store = new RunStore(task, Plan.Blocks, origin, folder);
        Journal = new RunJournal(task, Plan.StartAt(origin).Totals, origin.Steering, origin.Step, Store.PathOf, publish);
    }

    public Task<Checkpoint> Completion => completion.Task;

    public RunJournal Journal { get; }

    public WeightVersion? End => completed?.Version;

    public TrainingTask Task { get; }

    /// <summary>Where this singleton's part of the run began.</summary>
    public Checkpoint Origin { get; }

    public TaskPlan Plan { get; }

    public RunIdentity Identity { get; }

    public RunStore Store { get; }

    /// <summary>All that a node has to know, but for its machines. Threads of 0: as many as the node says.</summary>
    public NodeSetup Setup => new()
    {
        Machines = [],
        JobYaml = Task.Job.ToYaml(),
        Run = Plan.Run,
        Tensors = [.. Task.Layout.Parameters.Select(parameter => new TensorLength(parameter.Name, parameter.Shape.Length, parameter.Rule))],
        Options = Plan.OptionsBetweenProcesses,
        Identity = Identity,
        Optimizer = Origin.Optimizer,
        TotalSteps = Task.Steps.TotalSteps,
        Threads = Task.Job.Run.Threads ?? 0,
    };

    public void Start() => begin(this);

    public void RequestStop() => requestStop();

    /// <summary>Nobody finds a half-written checkpoint after the run.</summary>
    public void Dispose() => commits.Wait(HostClock.EndMax);

    public void Notice(string text) => publish(new RunNotice(text));

    public void Report(RunEvent happened)
    {
        Journal.Take(happened);
        if (happened is RunFailed failed)
        {
            Fail(new TrainingFailedException(failed.Reason));
        }

        if (happened is CheckpointCommitted known)
        {
            commits = commits.ContinueWith(_ => Store.Retain(known.Version), TaskScheduler.Default);
        }

        completed = happened as RunCompleted ?? completed;
    }

    /// <summary>Makes a checkpoint valid, off the caller's way and one after the other; then tells the coordinator.</summary>
    public void Commit(CommitManifest manifest, Action<Input> tell)
    {
        StoredVersion? version = Store.Take(manifest);
        commits = commits.ContinueWith(_ => Write(manifest, version, tell), TaskScheduler.Default);
    }

    /// <summary>The coordinator has left. The run's weights may be those of an earlier version.</summary>
    public void Finish()
    {
        try
        {
            completion.TrySetResult(Store.At(completed?.Result ?? new WeightVersion(Store.Newest.Step)));
        }
        catch (UserError error)
        {
            completion.TrySetException(error);
        }
    }

    public void Fail(Exception exception) => completion.TrySetException(exception);

    private void Write(CommitManifest manifest, StoredVersion? version, Action<Input> tell)
    {
        try
        {
            mustBeNewest();
            Store.Write(version ?? throw new IOException("its run epoch has ended"));
            tell(new ManifestCommitted(manifest.Epoch, manifest.Version));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            tell(new ManifestFailed(manifest.Epoch, manifest.Version, exception.Message));
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }
}
