using System.Diagnostics;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>Plain lines, for files and pipes: one an epoch (of many, some: <see cref="EpochLines"/>), and one every ten seconds within a long one.</summary>
internal sealed class LinesView(Terminal terminal) : ITrainingView
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly Stopwatch sinceLine = Stopwatch.StartNew();
    private readonly EpochLines epochs = new(TimeProvider.System);
    private RunStarted? started;

    public async Task ShowAsync(IAsyncEnumerable<TrainingEvent> events)
    {
        await foreach (TrainingEvent happened in events.ConfigureAwait(false))
        {
            started = happened as RunStarted ?? started;
            if (happened is StepProgress step)
            {
                if (sinceLine.Elapsed >= Every)
                {
                    Write($"{TrainingText.Epoch(step.Epoch, started!)}  step {Wording.Count(step.Step)}  {TrainingText.Progress(step)}");
                }
            }
            else if (happened is RunNotice notice)
            {
                await terminal.Error.WriteLineAsync(notice.Message).ConfigureAwait(false);
            }
            else if ((happened is not EpochCompleted epoch || epochs.Shows(epoch, started!)) && TrainingText.Line(happened, started) is { } line)
            {
                Write(line);
            }
        }

        if (epochs.Held is { } last)
        {
            Write(TrainingText.Line(last, started)!);
        }
    }

    private void Write(string line)
    {
        terminal.Output.WriteLine(line);
        terminal.Output.Flush();
        sinceLine.Restart();
    }
}
