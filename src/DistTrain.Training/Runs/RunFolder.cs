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

    private const string EarlierJobPrefix = "job-until-step-";

    /// <summary>Lines that wait for room on the disk; beyond that the oldest are lost. A line has some hundred bytes.</summary>
    private const int LinesWaitingMax = 10_000;

    private readonly Lock writing = new();
    private readonly Job recorded;
    private readonly Queue<string> waiting = new();
    private bool isNew;

    private RunFolder(string path, Job job, Job recorded)
    {
        Path = path;
        Job = job;
        this.recorded = recorded;
        JobHashes = new HashSet<string>([job.Sha256(), recorded.Sha256(), .. EarlierJobs(path).Select(file => JobFile.Load(file).Sha256())]);
    }

    public string Path { get; }

    public Job Job { get; }

    /// <summary>Hashes of the jobs that the folder's checkpoints may have been made by: its own, and those before its length was changed.</summary>
    public IReadOnlySet<string> JobHashes { get; }

    public string JobPath => System.IO.Path.Combine(Path, JobName);

    public string MetricsPath => System.IO.Path.Combine(Path, MetricsName);

    /// <summary>Makes the folder of a new run and writes its job.</summary>
    /// <param name="job">Its run.out names the folder; null: a new one in runs/.</param>
    /// <param name="now">For the name of a new one.</param>
    /// <exception cref="UserError">The named folder has files already, or can't be made.</exception>
    public static RunFolder Create(Job job, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(job);
        string path = PathFor(job, now);
        try
        {
            CheckFree(job);
            Directory.CreateDirectory(path);
            var folder = new RunFolder(path, job, job) { isNew = true };
            DurableFile.Write(folder.JobPath, stream => stream.Write(Encoding.UTF8.GetBytes(job.ToYaml())));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"run.out: {path} can't be made: {e.Message}", e);
        }
    }

    /// <summary>The run could not begin: a new folder is removed with what it has got so far, one of an earlier run stays.</summary>
    public void Withdraw()
    {
        if (!isNew)
        {
            return;
        }

        try
        {
            lock (writing)
            {
                File.Delete(MetricsPath);
                File.Delete(JobPath);
                Directory.Delete(Path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What else lies there is not the run's; a person sees it.
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

    /// <summary>
    /// The run goes on with <see cref="Job"/>: when its length is another than before, job.yaml tells the new one, so that a further resume
    /// needs not be told, and the job before is kept beside it, named by the step up to which it was in force. What the section
    /// run says is for one process, and job.yaml keeps what it said.
    /// </summary>
    /// <param name="step">Where the run goes on.</param>
    /// <exception cref="UserError">The folder can't be written.</exception>
    public void GoOnFrom(long step)
    {
        if (recorded.Differences(Job).Count == 0)
        {
            return;
        }

        try
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{EarlierJobPrefix}{step:D8}");
            string earlier = System.IO.Path.Combine(Path, name + ".yaml");
            for (int i = 2; File.Exists(earlier); i++)
            {
                earlier = System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{name}-{i}.yaml"));
            }

            // The earlier one first: a crash in between leaves it twice, and nothing lost.
            DurableFile.Write(earlier, stream => stream.Write(File.ReadAllBytes(JobPath)));
            Job next = recorded with { Train = Job.Train };
            DurableFile.Write(JobPath, stream => stream.Write(Encoding.UTF8.GetBytes(next.ToYaml())));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{JobPath}: can't be written: {e.Message}", e);
        }
    }

    /// <summary>Adds an event to metrics.jsonl. Progress within an epoch is for people at the time, and is left out.</summary>
    /// <returns>
    /// Null, or a line for people when trouble begins: what can't be written waits for the next event, and training goes on.
    /// </returns>
    public string? Record(TrainingEvent happened)
    {
        if (happened is StepProgress)
        {
            return null;
        }

        lock (writing)
        {
            bool waited = waiting.Count > 0;
            waiting.Enqueue(TrainingEventJson.Line(happened) + "\n");
            try
            {
                Append(string.Concat(waiting));
                waiting.Clear();
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (waiting.Count > LinesWaitingMax)
                {
                    waiting.Dequeue();
                }

                return waited ? null : $"{MetricsPath} can't be written; training goes on, and it is tried again with the next event: {e.Message}";
            }
        }
    }

    /// <summary>All of it or nothing: half a line would stay for ever.</summary>
    private void Append(string lines)
    {
        using var file = new FileStream(MetricsPath, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        long before = file.Length;
        try
        {
            file.Write(Encoding.UTF8.GetBytes(lines));
        }
        catch (IOException)
        {
            file.SetLength(before);
            throw;
        }
    }

    private static IEnumerable<string> EarlierJobs(string path) => Directory.Exists(path) ? Directory.EnumerateFiles(path, EarlierJobPrefix + "*.yaml") : [];

    /// <summary>Where a new run lies: run.out, or else a folder in runs/ that isn't there yet, named by the time, the model and the data.</summary>
    public static string PathFor(Job job, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Run.Out ?? FreeName(job, now);
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
