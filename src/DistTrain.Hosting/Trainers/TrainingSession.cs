using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DistTrain.Tensors;
using DistTrain.Training;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistTrain.Hosting;

/// <summary>One run of a task through the engine that its job names, from a checkpoint or from the start, with its run folder.</summary>
public sealed class TrainingSession
{
    /// <summary>Longest time of a timer.</summary>
    private const int DaysMax = 40;

    private readonly TrainingTask task;
    private readonly Model model;
    private readonly RunFolder? folder;
    private readonly Checkpoint? from;
    private readonly ProcessesOptions? processes;
    private readonly EngineFactory? engine;
    private readonly ILogger logger;
    private volatile IEngineRun? current;

    /// <param name="task">What to train.</param>
    /// <param name="model">Gets the final weights; its architecture is the task's.</param>
    /// <param name="folder">Where job, metrics, checkpoints and the model are kept; null: nowhere.</param>
    /// <param name="from">Where to go on; null: at the start.</param>
    /// <param name="processes">How the engine of several processes runs; needed by jobs that name it.</param>
    /// <param name="logger">Null: none.</param>
    /// <exception cref="UserError">The job names an engine of several processes, and nothing says how to start one.</exception>
    public TrainingSession(
        TrainingTask task, Model model, RunFolder? folder = null, Checkpoint? from = null, ProcessesOptions? processes = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        this.processes = task.Job.Run.Engine == EngineKind.Local ? null
            : processes ?? throw new UserError("run.engine: found processes, whose workers open the job's data themselves; allowed from C#: local, or a job that 'disttrain train' runs");
        this.task = task;
        this.model = model;
        this.folder = folder;
        this.from = from;
        this.logger = logger ?? NullLogger.Instance;
    }

    /// <summary>Through an engine that is not this project's.</summary>
    internal TrainingSession(TrainingTask task, Model model, RunFolder folder, Checkpoint from, EngineFactory engine, ILogger? logger)
    {
        (this.task, this.model, this.folder, this.from, this.engine) = (task, model, folder, from, engine);
        this.logger = logger ?? NullLogger.Instance;
    }

    /// <summary>Ends the run at the next version that all can reach, as if that were its last step.</summary>
    public TrainingControl Control { get; } = new();

    /// <summary>How the run goes, machine by machine; null: it does not run, or all of it is in this process. Any thread may ask.</summary>
    public RunReport? Report => current?.Report;

    /// <summary>File that gets a trace of where time goes, in the format of Perfetto; null: none. Set before the run.</summary>
    public string? Timeline { get; set; }

    /// <summary>Trains; events come as they happen, <see cref="RunDone"/> last.</summary>
    /// <param name="cancellationToken">Stops the run after a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; the checkpoint is written.</exception>
    /// <exception cref="TrainingFailedException">The run diverged.</exception>
    public async IAsyncEnumerable<TrainingEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Checkpoint start = from ?? task.Start();
        TrainingEvent started = Started(start);
        foreach (TrainingEvent each in Recorded(started))
        {
            yield return each;
        }

        var events = Channel.CreateUnbounded<TrainingEvent>(new UnboundedChannelOptions { SingleReader = true });
        using IEngineRun run = Create(start, happened => events.Writer.TryWrite(happened));
        _ = run.Completion.ContinueWith(_ => events.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        current = run;
        await Task.Run(run.Start, CancellationToken.None).ConfigureAwait(false);
        bool stopping = false;
        TimeSpan allowed = TimeSpan.FromSeconds(Math.Min(task.Job.Train.Stop?.Time ?? DaysMax * 86_400.0, DaysMax * 86_400.0));
        using var clock = new Timer(_ => run.RequestStop(), null, allowed, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration registration = cancellationToken.Register(run.RequestStop);
        await foreach (TrainingEvent happened in events.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            logger.LogDebug("{Event}", happened);
            foreach (TrainingEvent each in Recorded(happened))
            {
                yield return each;
            }

            if (Control.StopRequested && !stopping)
            {
                stopping = true;
                run.RequestStop();
            }
        }

        current = null;
        Checkpoint end = await run.Completion.ConfigureAwait(false);
        long steps = run.End?.Value ?? end.Step;
        if (steps < task.Steps.TotalSteps && !stopping && !run.Journal.StoppedEarly)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stopping = true;
            foreach (TrainingEvent each in Recorded(new RunNotice($"stopped by train.stop.time: the same weights again: --set train.steps={steps}")))
            {
                yield return each;
            }
        }

        float[] weights = task.ResultWeights(end);
        model.Adopt(task, weights);
        Save(end);

        // The run's machines measured the last step's weights: the run's may be others.
        bool isLast = end.Step == task.Steps.TotalSteps && ReferenceEquals(weights, end.Weights);
        RunDone done = Done(run.Journal, end, weights, steps, isLast || stopping ? run.Journal.Test : Test(weights));
        folder?.Record(done);
        yield return done;
    }

    private IEngineRun Create(Checkpoint start, Action<TrainingEvent> publish)
    {
        CheckpointFolder? checkpoints = folder?.Checkpoints(task.Layout);
        if (engine is not null)
        {
            return engine(start, checkpoints, publish);
        }

        TimelineFile? timeline = null;
        try
        {
            timeline = Timeline is null ? null : new TimelineFile(Timeline);
            return processes is null
                ? new InProcessRun(task, start, checkpoints, publish, timeline: timeline)
                : new ProcessRun(task, start, checkpoints, processes with { RunFolder = folder?.Path is { } path ? Path.GetFullPath(path) : null }, publish, timeline: timeline);
        }
        catch (UserError)
        {
            // The timeline can't be written, or the port is taken.
            timeline?.Dispose();
            folder?.Withdraw();
            throw;
        }
    }

    private void Save(Checkpoint end)
    {
        try
        {
            if (folder is not null)
            {
                model.Save(folder.Path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{folder!.Path}: the model can't be written; its weights are in the checkpoint of step {end.Step}, and resuming the run writes it: {e.Message}", e);
        }
    }

    /// <summary>The event, recorded first; and a notice when that begins to fail.</summary>
    private IEnumerable<TrainingEvent> Recorded(TrainingEvent happened)
    {
        string? trouble = folder?.Record(happened);
        return trouble is null ? [happened] : [happened, new RunNotice(trouble)];
    }

    private Training.RunStarted Started(Checkpoint start) => new()
    {
        Model = task.Job.Model.Title,
        Data = task.Data.Train.Name,
        Parameters = task.Layout.Length,
        TrainSamples = task.Data.Train.Count,
        ValidationSamples = task.Data.Validation?.Count ?? 0,
        Epochs = task.Job.Train.Epochs,
        TotalSteps = task.Steps.TotalSteps,
        Batch = task.Job.Train.Batch,
        Slices = task.Slices,
        Workers = task.Job.Run.Workers,
        Servers = task.Job.Run.Servers,
        Threads = InProcessRun.ThreadsOf(task.Job.Run),
        Step = start.Step,
        JobSha256 = task.Job.Sha256(),
        Run = folder?.Path,
    };

    /// <summary>The run's machines measure the last version; when the run's weights are others, or it ended early, they are measured here.</summary>
    private EvaluationResult? Test(float[] weights)
    {
        if (task.Data.Test is not { } test)
        {
            return null;
        }

        using var pool = new ForkJoinPool(Environment.ProcessorCount);
        return new SliceEvaluation(task, test, pool).Evaluate(weights);
    }

    private RunDone Done(RunJournal journal, Checkpoint end, float[] weights, long steps, EvaluationResult? test) => new()
    {
        Steps = steps,
        Samples = journal.Samples,
        Seconds = journal.Elapsed.TotalSeconds,
        SamplesPerSecond = journal.Samples / journal.Elapsed.TotalSeconds,
        TrainLoss = journal.Train?.Loss ?? (end.PassTotals.Weight > 0 ? end.PassTotals.MeanLoss : null),
        Validation = journal.Validation,
        Test = test,
        WeightsSha256 = WeightsHash.Sha256(weights),
        Run = folder?.Path,
    };
}
