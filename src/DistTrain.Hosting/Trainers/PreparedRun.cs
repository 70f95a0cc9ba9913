using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;
using Microsoft.Extensions.Logging;

namespace DistTrain.Hosting;

/// <summary>
/// A job whose input was read and accepted, and of which nothing is written yet: whatever is wrong with job, data or model shows
/// before there is a run folder.
/// </summary>
public sealed class PreparedRun
{
    private readonly RunFolder? folder;
    private readonly Checkpoint? from;

    private PreparedRun(TrainingTask task, RunFolder? folder, Checkpoint? from, IReadOnlyList<string> notices)
    {
        Task = task;
        this.folder = folder;
        this.from = from;
        Notices = notices;
        Model = new Model(task.ResultGraph);
    }

    public TrainingTask Task { get; }

    /// <summary>Gets the final weights.</summary>
    public Model Model { get; }

    /// <summary>What a person should know before it begins: a damaged checkpoint that was passed over.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>A new run.</summary>
    /// <param name="job">Checked by <see cref="JobFile"/>.</param>
    /// <param name="data">Where known data sets lie.</param>
    /// <exception cref="UserError">Data, model or run folder can't be used.</exception>
    public static PreparedRun Open(Job job, DataFolders data)
    {
        TrainingTask task = TrainingTask.Open(job, data);
        RunFolder.CheckFree(job);
        return new PreparedRun(task, null, null, []);
    }

    /// <summary>The rest of a run that was interrupted, or more epochs of one that wasn't.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="overlays">Laid over its job: keys of run, and the run's length.</param>
    /// <param name="data">Where known data sets lie.</param>
    /// <exception cref="UserError">It is no run folder, an overlay changes what decides bits, or the run has come to its end.</exception>
    public static PreparedRun Resume(string path, JobOverlays? overlays, DataFolders data)
    {
        RunFolder folder = RunFolder.Open(path, overlays);
        TrainingTask task = TrainingTask.Open(folder.Job, data);
        Checkpoint? from = folder.Checkpoints(task.Layout).ReadNewest(
            out IReadOnlyList<string> damaged, needsBest: task.Steering?.Stopping is { RestoreBest: true });
        if (from is not null)
        {
            task.Check(from, folder.JobHashes);
        }

        List<string> notices = [.. damaged.Select(line => $"passed over: {line}")];
        if (from is null)
        {
            notices.Add($"{path}: has no checkpoint yet, so it starts anew");
        }
        else if (from.Step == task.Steps.TotalSteps)
        {
            notices.Add($"{path}: all {from.Step} steps are done already; more epochs train on");
        }

        return new PreparedRun(task, folder, from, notices);
    }

    /// <summary>Makes the run folder, unless there is one already.</summary>
    /// <param name="now">Names a new folder.</param>
    /// <param name="processes">How the engine of several processes runs; needed by jobs that name it.</param>
    /// <param name="logger">Null: none.</param>
    /// <exception cref="UserError">The folder can't be made.</exception>
    public TrainingSession Begin(DateTimeOffset now, ProcessesOptions? processes = null, ILogger? logger = null)
    {
        folder?.GoOnFrom(from?.Step ?? 0);
        return new(Task, Model, folder ?? RunFolder.Create(Task.Job, now), from ?? Task.Start() with { DataSha256 = Task.DataSha256 }, processes, logger);
    }

    /// <summary>Likewise, through an engine that is not this project's; whatever run.engine says.</summary>
    internal TrainingSession Begin(DateTimeOffset now, EngineFactory engine, ILogger? logger)
    {
        folder?.GoOnFrom(from?.Step ?? 0);
        return new(Task, Model, folder ?? RunFolder.Create(Task.Job, now), from ?? Task.Start() with { DataSha256 = Task.DataSha256 }, engine, logger);
    }

    /// <summary>One step without a folder and without evaluations, in this process.</summary>
    public TrainingSession DryRun(ILogger? logger = null)
    {
        Job job = Task.Job with
        {
            Train = Task.Job.Train with { Epochs = 1, Steps = 1, EarlyStopping = null, ReduceLROnPlateau = null, Stop = null },
            Run = Task.Job.Run with { Engine = EngineKind.Local },
        };
        var data = new Splits(Task.Data.Train);
        TrainingTask task = job.Model.Gan is null ? TrainingTask.Create(job, data, Task.Graph, Task.Standardization) : TrainingTask.Create(job, data, Task.Standardization);
        return new TrainingSession(task, Model, folder: null, from: null, processes: null, logger);
    }
}
