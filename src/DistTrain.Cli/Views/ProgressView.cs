using DistTrain.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DistTrain.Cli;

/// <summary>A line for each epoch that is over, and below them a bar for the one under way.</summary>
internal sealed class ProgressView(Terminal terminal) : ITrainingView
{
    private readonly IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Output) });
    private RunStarted? started;
    private volatile string figures = "";

    public Task ShowAsync(IAsyncEnumerable<TrainingEvent> events) => console.Progress()
        .AutoClear(true)
        .AutoRefresh(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 24 }, new FiguresColumn(() => figures))
        .StartAsync(context => ShowAsync(events, context));

    private async Task ShowAsync(IAsyncEnumerable<TrainingEvent> events, ProgressContext context)
    {
        ProgressTask? bar = null;
        long stepsPerEpoch = 1;
        await foreach (TrainingEvent happened in events.ConfigureAwait(false))
        {
            switch (happened)
            {
                case RunStarted start:
                    started = start;
                    stepsPerEpoch = (start.TrainSamples + start.Batch - 1) / start.Batch;
                    console.WriteLine(TrainingText.Line(start, start)!);
                    bar = context.AddTask(Description((int)(start.Step / stepsPerEpoch) + 1), maxValue: stepsPerEpoch);
                    bar.Value = start.Step % stepsPerEpoch;
                    break;
                case StepProgress step when bar is not null:
                    bar.Description = Description(step.Epoch);
                    bar.Value = step.Step - ((step.Epoch - 1) * stepsPerEpoch);
                    figures = TrainingText.Progress(step);
                    break;
                case EpochCompleted epoch:
                    console.WriteLine(TrainingText.Line(epoch, started)!);
                    if (bar is not null && epoch.Step < started!.TotalSteps)
                    {
                        bar.Description = Description(epoch.Epoch + 1);
                        bar.Value = 0;
                    }

                    break;
                case RunNotice notice:
                    console.WriteLine(notice.Message, new Style(Color.Yellow));
                    break;
            }
        }
    }

    private string Description(int epoch) => TrainingText.Epoch(Math.Min(epoch, started!.Epochs), started);

    /// <summary>Loss, metric, speed and time left, as the last event told them.</summary>
    private sealed class FiguresColumn(Func<string> figures) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(figures());
    }
}
