using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>Training steps timed, once or in turns with something else.</summary>
internal static class StepBenchCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("step", "Samples/s of training steps, the whole path: data, network, machines, updates.");
        Option<string> name = BenchCommands.Text("--case", "cnn", "mlp|bigmlp|cnn", "The network.");
        Option<string> batch = BenchCommands.Text("--batch", "128", "N", "Samples a step, over all workers together.");
        var slices = new Option<string?>("--slices") { Description = "Slices of a batch, as in a job.", HelpName = "N" };
        Option<string> engine = BenchCommands.Text("--engine", "local", "local|processes", "What runs the machines.");
        Option<string> workers = BenchCommands.Text("--workers", "1", "N", "Workers."), threads = BenchCommands.Text("--threads", "1", "N", "Threads of each worker.");
        var servers = new Option<string?>("--servers") { Description = "Parameter servers. Default: 1; with --engine processes one in each worker's process.", HelpName = "N" };
        Option<string> seconds = BenchCommands.Text("--seconds", "3", "N", "Time to measure, after the warm-up.");
        var steps = new Option<string?>("--steps") { Description = "Steps to measure, in place of a time: the hash is the same each time.", HelpName = "N" };
        Option<string> warmup = BenchCommands.Text("--warmup", "10", "N", "Steps at the start that don't count.");
        Option<string> optimizer = BenchCommands.Text("--optimizer", "adam", "NAME", "The update rule, as in a job.");
        var against = new Option<string?>("--against") { Description = "A command that prints a JSON line with samples_per_s, such as another 'bench step --json' or a peer's benchmark; both run in turns, and the ratio of neighbours in time is printed last.", HelpName = "COMMAND" };
        Option<string> rounds = BenchCommands.Text("--rounds", "9", "N", "Turns with --against.");
        Option<bool> json = ModelOptions.Json();
        foreach (Option option in new Option[] { name, batch, slices, engine, workers, servers, threads, seconds, steps, warmup, optimizer, against, rounds, json })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancel) =>
        {
            string Value(Option<string> option) => parsed.GetRequiredValue(option);
            int warm = Whole.Number("--warmup", Value(warmup), 1, 1_000_000)!.Value;
            int? timed = Whole.Number("--steps", parsed.GetValue(steps), 1, 1_000_000_000);
            JobOverlays overlays = new JobOverlays()
                .AddFlag("--batch", "train.batch", Value(batch))
                .AddFlag("--optimizer", "train.optimizer", Value(optimizer))
                .AddFlag("--engine", "run.engine", Value(engine))
                .AddFlag("--workers", "run.workers", Value(workers))
                .AddFlag("--servers", "run.servers", parsed.GetValue(servers) ?? (Value(engine) == "processes" ? Value(workers) : "1"))
                .AddFlag("--threads", "run.threads", Value(threads))
                .AddFlag("bench", "run.checkpointEvery", "1000000000")
                .AddFlag("bench", "train.epochs", "1000000")
                .AddFlag("bench", "train.steps", ((timed ?? 1_000_000_000L) + warm).ToString(CultureInfo.InvariantCulture));
            if (parsed.GetValue(slices) is { } cut)
            {
                overlays.AddFlag("--slices", "train.slices", cut);
            }

            Job job = JobFile.Load(null, overlays) with { Model = BenchCase.Model(Value(name)) };
            double limit = timed is null ? Whole.Number("--seconds", Value(seconds), 1, 3600)!.Value : double.PositiveInfinity;
            using var data = new BenchData(job.Train.Batch);
            TrainingTask task = TrainingTask.Open(job with { Data = job.Data with { Path = data.Path } }, DataArgument.Folders(terminal));
            ProcessesOptions? processes = job.Run.Engine == EngineKind.Processes ? NodeCommands.Options(terminal) : null;
            async Task<StepLine> Measure() => new(Value(name), task, await StepBench.RunAsync(task, warm, limit, processes).ConfigureAwait(false));

            if (parsed.GetValue(against) is { } other)
            {
                int turns = Whole.Number("--rounds", Value(rounds), 1, 1000)!.Value;
                await AlternateAsync(Measure, new PeerCommand(other), turns, parsed.GetValue(json), terminal, cancel).ConfigureAwait(false);
            }
            else
            {
                await PrintAsync(await Measure().ConfigureAwait(false), parsed.GetValue(json), terminal).ConfigureAwait(false);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task AlternateAsync(Func<Task<StepLine>> measure, PeerCommand peer, int rounds, bool json, Terminal terminal, CancellationToken cancel)
    {
        var turns = new StepTurns();
        for (int i = 0; i < rounds; i++)
        {
            double others = await peer.RunAsync(cancel).ConfigureAwait(false);
            StepLine line = await measure().ConfigureAwait(false);
            await PrintAsync(line, json, terminal).ConfigureAwait(false);
            turns.Add(line.SamplesPerSecond, others);
        }

        await terminal.Output.WriteLineAsync(json ? JsonLine.Of(turns.ToJson(peer.Text)) : turns.ToString()).ConfigureAwait(false);
    }

    private static async Task PrintAsync(StepLine line, bool json, Terminal terminal)
    {
        await terminal.Output.WriteLineAsync(json ? JsonLine.Of(line.ToJson()) : line.ToString()).ConfigureAwait(false);
        await terminal.Output.FlushAsync().ConfigureAwait(false);
    }
}
