using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>A run for each fold of a job, one after another, in folders fold-1, fold-2 ... of one folder; then their mean and deviation.</summary>
internal static class CrossValidation
{
    /// <summary>The summary as a line of JSON, beside the folders of the folds.</summary>
    private const string SummaryName = "folds.json";

    /// <summary>The job names folds, and no fold.</summary>
    public static bool IsAsked(Job job) => job.Data is { Folds: not null, Fold: null };

    /// <summary>A folder of folds, begun by <see cref="RunAsync"/>; it has no job of its own, each fold has.</summary>
    public static bool IsFolder(string path) => !File.Exists(Path.Combine(path, "job.yaml")) && IsBegun(path, 1);

    /// <summary>The job of a folder of folds that was interrupted.</summary>
    /// <exception cref="UserError">As for <see cref="RunFolder.Open"/>.</exception>
    public static Job Interrupted(string path, JobOverlays overlays)
    {
        Job first = RunFolder.Open(PathOf(path, 1), overlays).Job;
        return first with { Data = first.Data with { Fold = null }, Run = first.Run with { Out = path } };
    }

    /// <summary>The same job with one of its folds as test part.</summary>
    /// <param name="job">Names folds.</param>
    /// <param name="fold">From 1.</param>
    /// <param name="folder">Of all its folds; null: the job's own, which a dry run doesn't make.</param>
    public static Job Fold(Job job, int fold, string? folder = null) => job with
    {
        Data = job.Data with { Fold = fold },
        Run = folder is null ? job.Run : job.Run with { Out = PathOf(folder, fold) },
    };

    /// <param name="job">Names folds.</param>
    /// <param name="train">Trains a fold and shows it, telling the folder that goes on after an interruption; an exit code, and what it ended with.</param>
    /// <param name="json">One JSON object a line.</param>
    /// <param name="terminal">Gets the summary.</param>
    /// <param name="interrupted">Folds that were begun go on, laid over by this; null: there must be none.</param>
    public static async Task<int> RunAsync(
        Job job, Func<PreparedRun, ITrainingView, string, Task<(int ExitCode, RunDone? Done)>> train, bool json, Terminal terminal, JobOverlays? interrupted)
    {
        if (interrupted is null)
        {
            RunFolder.CheckFree(job);
        }

        string folder = RunFolder.PathFor(job, DateTimeOffset.Now);
        int folds = job.Data.Folds!.Value;
        var tests = new List<EvaluationResult>();
        for (int fold = 1; fold <= folds; fold++)
        {
            PreparedRun prepared = interrupted is not null && IsBegun(folder, fold)
                ? PreparedRun.Resume(PathOf(folder, fold), interrupted, DataArgument.Folders(terminal))
                : PreparedRun.Open(Fold(job, fold, folder), DataArgument.Folders(terminal));
            var started = new FoldStarted(fold, folds);
            if (json)
            {
                await terminal.Output.WriteLineAsync(TrainingEventJson.Line(started)).ConfigureAwait(false);
            }

            (int exitCode, RunDone? done) = await train(prepared, json ? new JsonView(terminal.Output) : new FoldView(terminal, started), folder).ConfigureAwait(false);
            if (done?.Test is not { } test)
            {
                return exitCode;
            }

            tests.Add(test);
        }

        var summary = CrossValidationDone.Of(tests);
        string line = TrainingEventJson.Line(summary);
        Keep(Path.Combine(folder, SummaryName), line);
        await terminal.Output.WriteLineAsync(json ? line : $"{folds} folds   {Wording.Of(summary)} (deviations over the folds)\nrun folders  {TrainingText.Path(folder)}").ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static string PathOf(string folder, int fold) => Path.Combine(folder, $"fold-{fold}");

    private static bool IsBegun(string folder, int fold) => File.Exists(Path.Combine(PathOf(folder, fold), "job.yaml"));

    private static void Keep(string path, string line)
    {
        try
        {
            File.WriteAllText(path, line + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: can't be written: {e.Message}", e);
        }
    }
}
