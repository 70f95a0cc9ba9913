using System.Diagnostics;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>One fold of a cross-validation: a line when it is over, and one every ten seconds until then.</summary>
/// <param name="terminal">Gets the lines.</param>
/// <param name="fold">Which one.</param>
internal sealed class FoldView(Terminal terminal, FoldStarted fold) : ITrainingView
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly Stopwatch sinceLine = Stopwatch.StartNew();
    private readonly string name = $"fold {fold.Fold}/{fold.Folds}";

    public async Task ShowAsync(IAsyncEnumerable<TrainingEvent> events)
    {
        RunStarted? started = null;
        await foreach (TrainingEvent happened in events.ConfigureAwait(false))
        {
            started = happened as RunStarted ?? started;
            string? line = happened switch
            {
                RunStarted when fold.Fold == 1 => TrainingText.Line(happened, started),
                EpochCompleted when sinceLine.Elapsed >= Every => $"{name}  {TrainingText.Line(happened, started)}",
                StepProgress step when sinceLine.Elapsed >= Every => $"{name}  {TrainingText.Epoch(step.Epoch, started!)}  {TrainingText.Progress(step)}",
                RunDone { Test: { } test } done => $"{name}  {Wording.Of(test)}{Wording.More(test)} ({Wording.Count(test.Samples)} samples), weights {done.WeightsSha256}",
                _ => null,
            };
            if (line is not null)
            {
                await terminal.Output.WriteLineAsync(line).ConfigureAwait(false);
                await terminal.Output.FlushAsync().ConfigureAwait(false);
                sinceLine.Restart();
            }

            if (happened is RunNotice notice)
            {
                await terminal.Error.WriteLineAsync(notice.Message).ConfigureAwait(false);
            }
        }
    }
}
