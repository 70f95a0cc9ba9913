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

    /// <summary>The same job with one of its folds as test part.</summary>
    /// <param name="job">Names folds.</param>
    /// <param name="fold">From 1.</param>
    /// <param name="folder">Of all its folds; null: the job's own, which a dry run doesn't make.</param>
    public static Job Fold(Job job, int fold, string? folder = null) => job with
    {
        Data = job.Data with { Fold = fold },
        Run = folder is null ? job.Run : job.Run with { Out = Path.Combine(folder, $"fold-{fold}") },
    };

    /// <param name="job">Names folds.</param>
    /// <param name="train">Trains a fold and shows it; an exit code, and what it ended with.</param>
    /// <param name="json">One JSON object a line.</param>
    /// <param name="terminal">Gets the summary.</param>
    public static async Task<int> RunAsync(Job job, Func<PreparedRun, ITrainingView, Task<(int ExitCode, RunDone? Done)>> train, bool json, Terminal terminal)
    {
        RunFolder.CheckFree(job);
        string folder = RunFolder.PathFor(job, DateTimeOffset.Now);
        int folds = job.Data.Folds!.Value;
        var tests = new List<EvaluationResult>();
        for (int fold = 1; fold <= folds; fold++)
        {
            PreparedRun prepared = PreparedRun.Open(Fold(job, fold, folder), DataArgument.Folders(terminal));
            var started = new FoldStarted(fold, folds);
            if (json)
            {
                await terminal.Output.WriteLineAsync(TrainingEventJson.Line(started)).ConfigureAwait(false);
            }

            (int exitCode, RunDone? done) = await train(prepared, json ? new JsonView(terminal.Output) : new FoldView(terminal, started)).ConfigureAwait(false);
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
