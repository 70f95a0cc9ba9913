using System.CommandLine;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>Jobs for a cluster, through any of its nodes.</summary>
internal static class SubmitCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("submit", """
            Has a cluster of disttrain-node train a job, through any of its nodes. The weights are those of every other engine.
            The job's data must be on the candidates for the singleton, under the same path or name; others get what they lack.
            """);
        var job = new JobOptions(command);
        var follow = new Option<bool>("--follow") { Description = "Shows the run until it ends; Ctrl-C ends showing it, not the run." };
        var json = new Option<bool>("--json") { Description = "With --follow: one JSON object a line on standard output." };
        Option<string?> node = NodeOption(command);
        Option<string?> tokenFile = TokenOption(command);
        command.Add(follow);
        command.Add(json);
        command.SetAction(async (parsed, _) =>
        {
            if (job.Has(parsed, "--out"))
            {
                throw new UserError("--out: found with submit; allowed: nothing, the cluster names the run's folder");
            }

            using ClusterClient client = Client(parsed.GetValue(node), parsed.GetValue(tokenFile), terminal);
            string run = await client.SubmitAsync(job.Load(parsed, terminal), CancellationToken.None).ConfigureAwait(false);
            if (parsed.GetValue(follow))
            {
                return await FollowAsync(client, run, parsed.GetValue(json), terminal).ConfigureAwait(false);
            }

            await terminal.Output.WriteLineAsync(run).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    public static Option<string?> NodeOption(Command command)
    {
        var node = new Option<string?>("--node") { Description = $"A node of a cluster: where its HTTP API is, such as {ClusterClient.DefaultNode}.", HelpName = "URL" };
        command.Add(node);
        return node;
    }

    public static Option<string?> TokenOption(Command command)
    {
        var file = new Option<string?>("--token-file") { Description = $"A file with the cluster's join token; without it ${LaneToken.Variable} has it.", HelpName = "FILE" };
        command.Add(file);
        return file;
    }

    public static ClusterClient Client(string? node, string? tokenFile, Terminal terminal) => new(
        node ?? ClusterClient.DefaultNode,
        tokenFile is not null ? LaneToken.TextOfFile(tokenFile) : terminal.Environment.GetValueOrDefault(LaneToken.Variable) is { Length: > 0 } token ? token : null);

    private static async Task<int> FollowAsync(ClusterClient client, string run, bool json, Terminal terminal)
    {
        bool bar = !json && terminal.Interactive;
        using Interruption interruption = terminal.Listen(TextWriter.Null);
        ITrainingView view = json ? new JsonView(terminal.Output) : bar ? new ProgressView(terminal, () => null, interruption.Token) : new LinesView(terminal);
        var record = new Record();
        try
        {
            await view.ShowAsync(record.Watch(client.FollowAsync(run, interruption.Token))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync($"{run} goes on; '{terminal.CommandName} stop --node ...' ends it after a checkpoint").ConfigureAwait(false);
            return interruption.ExitCode;
        }

        if (record.End?.End is ClusterRunState.Diverged)
        {
            throw new TrainingFailedException(record.End.Failure ?? run);
        }

        if (record.End?.End is not ClusterRunState.Done)
        {
            throw new EngineFailedException($"{run} has failed: {record.End?.Failure}");
        }

        if (!json && record is { Done: { } done, Started: { } started })
        {
            foreach (string line in TrainingText.Ending(done, started, terminal))
            {
                await terminal.Output.WriteLineAsync(line).ConfigureAwait(false);
            }
        }

        return ExitCode.Done;
    }

    private sealed class Record
    {
        public RunStarted? Started { get; private set; }

        public RunDone? Done { get; private set; }

        public FollowedEvent? End { get; private set; }

        public async IAsyncEnumerable<TrainingEvent> Watch(IAsyncEnumerable<FollowedEvent> followed)
        {
            await foreach (FollowedEvent each in followed.ConfigureAwait(false))
            {
                End = each.End is null ? null : each;
                if (each.Event is { } happened)
                {
                    Started = happened as RunStarted ?? Started;
                    Done = happened as RunDone ?? Done;
                    yield return happened;
                }
            }
        }
    }
}
