using System.Globalization;
using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// What a run leaves behind: job.yaml (canonical, defaults written out), metrics.jsonl (its events), checkpoints/, and at the end
/// model.json and model.safetensors. Made only once the input was accepted, so that a mistake leaves nothing.
/// </summary>
public sealed class RunFolder
{
    private const string JobName = "job.yaml";
    private const string MetricsName = "metrics.jsonl";
    private const string CheckpointsName = "checkpoints";
    private const string DefaultParent = "runs";

    private readonly Lock writing = new();

    private RunFolder(string path, Job job, Job recorded)
    {
        Path = path;
        Job = job;
        RecordedJobSha256 = recorded.Sha256();
    }

    public string Path { get; }

    public Job Job { get; }

    /// <summary>Hash of the job that the folder's checkpoints were made by; another than <see cref="Job"/>'s when its length was changed.</summary>
    public string RecordedJobSha256 { get; }

    public string JobPath => System.IO.Path.Combine(Path, JobName);

    public string MetricsPath => System.IO.Path.Combine(Path, MetricsName);

    /// <summary>Makes the folder of a new run and writes its job.</summary>
    /// <param name="job">Its run.out names the folder; null: a new one in runs/.</param>
    /// <param name="now">For the name of a new one.</param>
    /// <exception cref="UserError">The named folder has files already, or can't be made.</exception>
    public static RunFolder Create(Job job, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(job);
        string path = job.Run.Out ?? FreeName(job, now);
        try
        {
            CheckFree(job);
            Directory.CreateDirectory(path);
            var folder = new RunFolder(path, job, job);
            DurableFile.Write(folder.JobPath, stream => stream.Write(Encoding.UTF8.GetBytes(job.ToYaml())));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"run.out: {path} can't be made: {e.Message}", e);
        }
    }

    /// <summary>Refuses a job whose run.out names a folder in use; makes nothing.</summary>
    /// <exception cref="UserError">There are files already.</exception>
    public static void CheckFree(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.Run.Out is { } path && (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())))
        {
            throw new UserError($"run.out: found {path}, which exists and is not empty; allowed: a new or empty folder, or --resume {path} to continue a run");
        }
    }

    /// <summary>Opens the folder of an earlier run, to resume it or to use its model.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="overlays">Laid over its job; null: none.</param>
    /// <exception cref="UserError">It is no run folder, its job is damaged, or an overlay changes a key that decides bits other than the run's length.</exception>
    public static RunFolder Open(string path, JobOverlays? overlays = null)
    {
        string jobPath = System.IO.Path.Combine(path, JobName);
        if (!File.Exists(jobPath))
        {
            throw new UserError($"{path}: is no run folder: {JobName} is missing");
        }

        Job recorded = JobFile.Load(jobPath);
        Job job = overlays is null ? recorded : JobFile.Load(jobPath, overlays);
        string[] changed = [.. recorded.Differences(job).Where(key => key is not ("train.epochs" or "train.steps"))];
        return changed.Length == 0
            ? new RunFolder(path, job with { Run = job.Run with { Out = path } }, recorded)
            : throw new UserError($"{jobPath}: {string.Join(", ", changed)}: can't change in a run that is resumed; allowed: train.epochs, train.steps and everything in run");
    }

    public CheckpointFolder Checkpoints(ParameterLayout layout) => new(System.IO.Path.Combine(Path, CheckpointsName), layout);

    /// <summary>Adds an event to metrics.jsonl. Progress within an epoch is for people at the time, and is left out.</summary>
    public void Record(TrainingEvent happened)
    {
        if (happened is StepProgress)
        {
            return;
        }

        lock (writing)
        {
            File.AppendAllText(MetricsPath, TrainingEventJson.Line(happened) + "\n");
        }
    }

    private static string FreeName(Job job, DateTimeOffset now)
    {
        string data = job.Data.Set ?? (job.Data.Path is { } path ? System.IO.Path.GetFileNameWithoutExtension(path.TrimEnd('/', '\\')) : "digits");
        string name = string.Create(CultureInfo.InvariantCulture, $"{now:yyyyMMdd-HHmmss}-{job.Model.Title}-{data}");
        string free = System.IO.Path.Combine(DefaultParent, name);
        for (int i = 2; Directory.Exists(free); i++)
        {
            free = System.IO.Path.Combine(DefaultParent, string.Create(CultureInfo.InvariantCulture, $"{name}-{i}"));
        }

        return free;
    }
}
