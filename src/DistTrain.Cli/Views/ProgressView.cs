using System.Diagnostics;
using DistTrain.Hosting;
using DistTrain.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DistTrain.Cli;

/// <summary>A line for each epoch that is over (of many, for some: <see cref="EpochLines"/>), below them a bar for the one under way, and the members of a run of several processes.</summary>
/// <param name="terminal">A screen.</param>
/// <param name="report">How the run goes; null: it has no members to show.</param>
/// <param name="stopping">Cancelled: the run is about to end.</param>
internal sealed class ProgressView(Terminal terminal, Func<RunReport?> report, CancellationToken stopping) : ITrainingView
{
    /// <summary>Between two looks at the members: they measure themselves once a second.</summary>
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Lines of the screen that are not the table's.</summary>
    private const int OtherLines = 6;

    /// <summary>A narrower screen shows fewer columns.</summary>
    private const int WideColumns = 110;

    /// <summary>Columns that the words beside the bar take.</summary>
    private const int WordColumns = 72;

    private readonly IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Output) });
    private readonly EpochLines epochs = new(TimeProvider.System);
    private RunStarted? started;
    private readonly Stopwatch sinceReport = Stopwatch.StartNew();
    private volatile string figures = "";
    private IRenderable? members;

    public async Task ShowAsync(IAsyncEnumerable<TrainingEvent> events)
    {
        // A second signal ends the process in the middle of a bar, which hides the cursor.
        void ShowCursor(object? sender, EventArgs e) => console.Cursor.Show();
        AppDomain.CurrentDomain.ProcessExit += ShowCursor;
        try
        {
            var bar = new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - WordColumns, 4, 32) };
            await console.Progress()
                .AutoClear(true)
                .UseRenderHook((progress, _) => Members() is { } table ? new Rows(progress, table) : progress)
                .Columns(new TaskDescriptionColumn(), bar, new FiguresColumn(() => figures))
                .StartAsync(context => ShowAsync(events, context)).ConfigureAwait(false);
        }
        finally
        {
            AppDomain.CurrentDomain.ProcessExit -= ShowCursor;
        }
    }

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
                    console.Write(new WholeLine(TrainingText.Line(start, start)!, Style.Plain));
                    bar = context.AddTask(Description((int)(start.Step / stepsPerEpoch) + 1), maxValue: stepsPerEpoch);
                    bar.Value = start.Step % stepsPerEpoch;
                    break;
                case StepProgress step when bar is not null:
                    bar.Description = Description(step.Epoch);
                    bar.Value = step.Step - ((step.Epoch - 1) * stepsPerEpoch);
                    figures = TrainingText.Progress(step);
                    break;
                case EpochCompleted epoch:
                    if (epochs.Shows(epoch, started!))
                    {
                        console.Write(new WholeLine(TrainingText.Line(epoch, started)!, Style.Plain));
                    }

                    if (bar is not null && epoch.Step < started!.TotalSteps)
                    {
                        bar.Description = Description(epoch.Epoch + 1);
                        bar.Value = 0;
                    }

                    break;
                case RunNotice notice:
                    console.Write(new WholeLine(notice.Message, new Style(Color.Yellow)));
                    break;
            }
        }

        if (epochs.Held is { } last)
        {
            console.Write(new WholeLine(TrainingText.Line(last, started)!, Style.Plain));
        }
    }

    private IRenderable? Members()
    {
        if (members is null || sinceReport.Elapsed > ReportEvery)
        {
            sinceReport.Restart();
            members = report() is { Machines.Count: > 0 } now
                ? MembersTable.Of(now, console.Profile.Height - OtherLines, isNarrow: console.Profile.Width < WideColumns)
                : members;
        }

        return members;
    }

    private string Description(int epoch) => stopping.IsCancellationRequested ? "stopping" : TrainingText.Epoch(Math.Min(epoch, started!.Epochs), started);

    /// <summary>Text above the bar that leaves nothing of the bar it is written over.</summary>
    private sealed class WholeLine(string text, Style style) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [Segment.Control("\e[J"), .. ((IRenderable)new Text(text, style)).Render(options, maxWidth), Segment.LineBreak];
    }

    /// <summary>Loss, metric, speed and time left, as the last event told them.</summary>
    private sealed class FiguresColumn(Func<string> figures) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(figures());
    }
}
