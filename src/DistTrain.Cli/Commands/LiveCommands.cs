using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using DistTrain.Hosting;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>What one can ask a live run of several processes.</summary>
internal static class LiveCommands
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Status(Terminal terminal)
    {
        var command = new Command("status", "How a live run of --engine processes, or of a cluster (--node), goes: processes, machines, their slices, bytes a second, where a step's time goes.");
        Argument<string?> folder = Folder(command);
        Option<bool> json = ModelOptions.Json();
        command.Add(json);
        Option<string?> node = SubmitCommand.NodeOption(command);
        Option<string?> tokenFile = SubmitCommand.TokenOption(command);
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(node) is { } url)
            {
                using ClusterClient client = SubmitCommand.Client(url, parsed.GetValue(tokenFile), terminal);
                return await ClusterStatusAsync(await client.StatusAsync(CancellationToken.None).ConfigureAwait(false), parsed.GetValue(json), terminal).ConfigureAwait(false);
            }

            string run = Find(parsed.GetValue(folder));
            RunReport report = await RunControl.StatusAsync(run).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                await terminal.Output.WriteLineAsync(JsonLine.Of(JsonSerializer.SerializeToNode(report, SnakeCase)!.AsObject())).ConfigureAwait(false);
                return ExitCode.Done;
            }

            foreach (string line in StatusText.Lines(run, report))
            {
                await terminal.Output.WriteLineAsync(line).ConfigureAwait(false);
            }

            return ExitCode.Done;
        });
        return command;
    }

    public static Command Stop(Terminal terminal)
    {
        var command = new Command("stop", "Lets a live run of --engine processes, or of a cluster (--node), end after a checkpoint, as if its length were that.");
        Argument<string?> folder = Folder(command);
        Option<string?> node = SubmitCommand.NodeOption(command);
        Option<string?> tokenFile = SubmitCommand.TokenOption(command);
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(node) is { } url)
            {
                using ClusterClient client = SubmitCommand.Client(url, parsed.GetValue(tokenFile), terminal);
                await terminal.Output.WriteLineAsync($"{await client.StopAsync(CancellationToken.None).ConfigureAwait(false)} stops after the steps under way, with a checkpoint").ConfigureAwait(false);
                return ExitCode.Done;
            }

            string run = Find(parsed.GetValue(folder));
            RunReport report = await RunControl.StopAsync(run).ConfigureAwait(false);
            await terminal.Output.WriteLineAsync(
                $"{TrainingText.Path(run)} stops after step {Wording.Count(report.Step)} or a few more; go on with: {terminal.CommandName} train --resume {TrainingText.Path(run)}").ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> ClusterStatusAsync(ClusterReport report, bool json, Terminal terminal)
    {
        IEnumerable<string> lines = json ? [JsonLine.Of(JsonSerializer.SerializeToNode(report, SnakeCase)!.AsObject())] : StatusText.Lines(report);
        foreach (string line in lines)
        {
            await terminal.Output.WriteLineAsync(line).ConfigureAwait(false);
        }

        return ExitCode.Done;
    }

    private static Argument<string?> Folder(Command command)
    {
        var folder = new Argument<string?>("run") { Description = "The run folder; without it, the newest live one in runs/.", Arity = ArgumentArity.ZeroOrOne };
        command.Add(folder);
        return folder;
    }

    private static string Find(string? named)
    {
        const string Runs = "runs";
        return named ?? RunControl.NewestLive(Runs)
            ?? throw new UserError($"run: no live run in {Runs}/; allowed: the folder of a run of --engine processes, while it runs");
    }
}
