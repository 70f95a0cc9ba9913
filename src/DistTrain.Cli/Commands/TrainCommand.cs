using System.CommandLine;
using System.Text.Json.Nodes;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("train", """
            Trains a network. Without anything: a small convolutional network on digits that are drawn from a seed, nothing is downloaded.
            Ctrl-C ends the run after a checkpoint. The weights depend on model, data and train of the job alone, never on workers, servers or threads.
            """);
        var job = new JobOptions(command);
        var resume = new Option<string?>("--resume") { Description = "Goes on with the run in this folder, to the same bits; --workers, --servers, --threads and --epochs may be others.", HelpName = "FOLDER" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Checks everything and trains one step; leaves nothing." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line on standard output." };
        command.Add(resume);
        command.Add(dryRun);
        command.Add(json);
        var listen = new Option<string?>("--listen") { Description = "With --engine processes: where 'disttrain join' may add workers, from other hosts too.", HelpName = "HOST:PORT" };
        command.Add(listen);
        var timeline = new Option<string?>("--timeline") { Description = "Writes a trace of steps, servers and recoveries over all processes, on one clock, for ui.perfetto.dev.", HelpName = "FILE" };
        command.Add(timeline);
        var security = new SecurityOptions(command);
        command.SetAction((parsed, _) =>
        {
            string? earlier = parsed.GetValue(resume);
            bool goesOn = earlier is not null && CrossValidation.IsFolder(earlier);
            Job? folds = goesOn ? CrossValidation.Interrupted(earlier!, Overlays(parsed, job, terminal))
                : earlier is null && job.Load(parsed, terminal) is var asked && CrossValidation.IsAsked(asked) ? asked
                : null;
            PreparedRun run = folds is null
                ? Prepare(parsed, job, parsed.GetValue(resume), terminal)
                : PreparedRun.Open(CrossValidation.Fold(goesOn ? folds with { Run = folds.Run with { Out = null } } : folds, 1), DataArgument.Folders(terminal));
            if (parsed.GetValue(dryRun))
            {
                return DryRunAsync(run, parsed.GetValue(json), terminal);
            }

            ProcessesOptions processes = NodeCommands.Options(terminal) with
            {
                Listen = parsed.GetValue(listen) is { } where ? LaneAddress.Parse("--listen", where) : null,
                Security = security.Load(parsed, terminal),
            };
            if (processes.Listen is not null && run.Task.Job.Run.Engine != EngineKind.Processes)
            {
                throw new UserError("--listen: found with the engine local, which nobody can join; allowed: with --engine processes");
            }

            bool isJson = parsed.GetValue(json);
            ProcessesOptions validated = processes.Validated();
            return folds is null
                ? RunAsync(run, validated, parsed.GetValue(timeline), isJson, terminal)
                : CrossValidation.RunAsync(folds, (fold, view, folder) => TrainAsync(fold, validated, parsed.GetValue(timeline), isJson, terminal, view, whole: folder), isJson, terminal, goesOn ? Overlays(parsed, job, terminal) : null);
        });
        return command;
    }

    private static PreparedRun Prepare(ParseResult parsed, JobOptions options, string? resume, Terminal terminal)
    {
        if (resume is null)
        {
            return PreparedRun.Open(options.Load(parsed, terminal), DataArgument.Folders(terminal));
        }

        return PreparedRun.Resume(resume, Overlays(parsed, options, terminal), DataArgument.Folders(terminal));
    }

    /// <summary>What is laid over the job of a run that goes on.</summary>
    private static JobOverlays Overlays(ParseResult parsed, JobOptions options, Terminal terminal) =>
        options.File(parsed) is { } file
            ? throw new UserError($"--resume: found beside the job file {file}; allowed: one of the two: a run folder has its own job")
            : options.Has(parsed, "--out")
                ? throw new UserError("--out: found beside --resume; allowed: one of the two: a resumed run stays in its folder")
                : options.Overlays(parsed, terminal);

    private static async Task<int> RunAsync(PreparedRun prepared, ProcessesOptions processes, string? timeline, bool json, Terminal terminal)
    {
        var record = new RunRecord();
        (int exitCode, RunDone? done) = await TrainAsync(prepared, processes, timeline, json, terminal, null, record).ConfigureAwait(false);
        if (!json && done is not null)
        {
            foreach (string line in TrainingText.Ending(done, record.Started!, terminal))
            {
                await terminal.Output.WriteLineAsync(line).ConfigureAwait(false);
            }
        }

        return exitCode;
    }

    /// <param name="prepared">Its folder is made here.</param>
    /// <param name="processes">For jobs that name that engine.</param>
    /// <param name="timeline">File of a trace; null: none.</param>
    /// <param name="json">One JSON object a line.</param>
    /// <param name="terminal">Gets what is shown.</param>
    /// <param name="shown">Shows the events; null: as the terminal can.</param>
    /// <param name="record">Gets what happened; null: nobody asks.</param>
    /// <param name="whole">What goes on after an interruption; null: the run's own folder.</param>
    /// <returns>The last event is null when the run was interrupted.</returns>
    private static async Task<(int ExitCode, RunDone? Done)> TrainAsync(
        PreparedRun prepared, ProcessesOptions processes, string? timeline, bool json, Terminal terminal, ITrainingView? shown, RunRecord? record = null, string? whole = null)
    {
        record ??= new RunRecord();
        foreach (string notice in prepared.Notices)
        {
            await terminal.Error.WriteLineAsync(notice).ConfigureAwait(false);
        }

        bool bar = !json && terminal.Interactive;
        using Interruption interruption = terminal.Listen(bar ? TextWriter.Null : terminal.Error);
        TrainingSession session = prepared.Begin(DateTimeOffset.Now, processes);
        session.Timeline = timeline;
        ITrainingView view = shown ?? (json ? new JsonView(terminal.Output) : bar ? new ProgressView(terminal, () => session.Report, interruption.Token) : new LinesView(terminal));
        try
        {
            await view.ShowAsync(record.Watch(session.RunAsync(interruption.Token))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            string folder = TrainingText.Path(whole ?? record.Started!.Run!);
            if (json)
            {
                await terminal.Output.WriteLineAsync(
                    JsonLine.Of(new JsonObject { ["event"] = "interrupted", ["step"] = record.Step, ["run"] = record.Started!.Run })).ConfigureAwait(false);
            }

            await terminal.Error.WriteLineAsync(
                $"interrupted after step {record.Step} of {record.Started!.TotalSteps}; go on with: {terminal.CommandName} train --resume {folder}").ConfigureAwait(false);
            return (interruption.ExitCode, null);
        }
        catch (TrainingFailedException failure) when (record.Started?.Run is { } folder)
        {
            if (json)
            {
                await terminal.Output.WriteLineAsync(
                    JsonLine.Of(new JsonObject { ["event"] = "failed", ["message"] = failure.Message, ["run"] = folder })).ConfigureAwait(false);
            }

            await terminal.Error.WriteLineAsync($"what was recorded until then is in {folder}").ConfigureAwait(false);
            throw;
        }

        return (ExitCode.Done, record.Done);
    }

    private static async Task<int> DryRunAsync(PreparedRun prepared, bool json, Terminal terminal)
    {
        ITrainingView view = json ? new JsonView(terminal.Output) : new LinesView(terminal);
        await view.ShowAsync(prepared.DryRun().RunAsync()).ConfigureAwait(false);
        if (!json)
        {
            await terminal.Output.WriteLineAsync("one step went well; nothing was kept").ConfigureAwait(false);
        }

        return ExitCode.Done;
    }

    /// <summary>What the lines after a run need of its events.</summary>
    private sealed class RunRecord
    {
        public RunStarted? Started { get; private set; }

        public RunDone? Done { get; private set; }

        /// <summary>Step of the newest checkpoint.</summary>
        public long Step { get; private set; }

        public async IAsyncEnumerable<TrainingEvent> Watch(IAsyncEnumerable<TrainingEvent> events)
        {
            await foreach (TrainingEvent happened in events.ConfigureAwait(false))
            {
                Started = happened as RunStarted ?? Started;
                Done = happened as RunDone ?? Done;
                Step = (happened as CheckpointWritten)?.Step ?? (happened as RunStarted)?.Step ?? Step;
                yield return happened;
            }
        }
    }
}
