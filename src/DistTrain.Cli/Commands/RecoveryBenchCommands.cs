using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>What it costs to be ready for the worst, and what the worst costs.</summary>
internal static class RecoveryBenchCommands
{
    public static Command Checkpoint(Terminal terminal)
    {
        var command = new Command("checkpoint", "What checkpoints cost: steps with and without one, in turns of one run; and what the disk alone takes.");
        Option<string> name = BenchCommands.Text("--case", "bigmlp", "mlp|bigmlp|cnn", "The network.");
        Option<string> batch = BenchCommands.Text("--batch", "128", "N", "Samples a step.");
        Option<string> workers = BenchCommands.Text("--workers", "1", "N", "Workers."), servers = BenchCommands.Text("--servers", "1", "N", "Parameter servers.");
        Option<string> threads = BenchCommands.Text("--threads", "2", "N", "Threads of each worker.");
        Option<string> every = BenchCommands.Text("--every", "50", "N", "Steps that a checkpoint has to pay for.");
        Option<string> rounds = BenchCommands.Text("--rounds", "5", "N", "Pairs of turns.");
        var folder = new Option<string?>("--folder") { Description = "Where checkpoints go; without it, in the folder for temporary files.", HelpName = "FOLDER" };
        Option<bool> json = ModelOptions.Json();
        foreach (Option option in new Option[] { name, batch, workers, servers, threads, every, rounds, folder, json })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, _) =>
        {
            string chosen = parsed.GetRequiredValue(name);
            int window = Whole.Number("--every", parsed.GetValue(every), 1, 1_000_000)!.Value;
            JobOverlays overlays = new JobOverlays()
                .AddFlag("--batch", "train.batch", parsed.GetRequiredValue(batch))
                .AddFlag("bench", "train.optimizer", "adam")
                .AddFlag("--workers", "run.workers", parsed.GetRequiredValue(workers))
                .AddFlag("--servers", "run.servers", parsed.GetRequiredValue(servers))
                .AddFlag("--threads", "run.threads", parsed.GetRequiredValue(threads))
                .AddFlag("bench", "run.checkpointEvery", (2 * window).ToString(CultureInfo.InvariantCulture))
                .AddFlag("bench", "train.epochs", "1000000");
            Job job = JobFile.Load(null, overlays) with { Model = BenchCase.Model(chosen) };
            using var data = new BenchData(job.Train.Batch);
            TrainingTask task = TrainingTask.Open(job with { Data = job.Data with { Path = data.Path } }, DataArgument.Folders(terminal));
            string parent = parsed.GetValue(folder) ?? Path.GetTempPath();
            string own = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"disttrain-bench-{Environment.ProcessId}"));
            CheckpointMeasurement measured = await CheckpointBench.RunAsync(
                task, own, Whole.Number("--rounds", parsed.GetValue(rounds), 1, 1000)!.Value).ConfigureAwait(false);
            await terminal.Output.WriteLineAsync(CheckpointLine(chosen, task, window, measured, parsed.GetValue(json))).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Churn(Terminal terminal)
    {
        var command = new Command("churn", "What lost machines cost: calm runs, and runs in which machines of every role are killed and others join, in turns.");
        Option<string> preset = BenchCommands.Text("--preset", "cnn", "mlp|cnn", "The network.");
        Option<string> data = BenchCommands.Text("--data", "digits", "NAME|PATH", "A known set, or a file or folder.");
        Option<string> epochs = BenchCommands.Text("--epochs", "2", "N", "Walks over the samples."), batch = BenchCommands.Text("--batch", "64", "N", "Samples a step.");
        Option<string> workers = BenchCommands.Text("--workers", "2", "N", "Workers."), servers = BenchCommands.Text("--servers", "3", "N", "Parameter servers; each block is on two of them.");
        Option<string> events = BenchCommands.Text("--events", "50", "N", "Machines killed, each followed by another.");
        Option<string> rounds = BenchCommands.Text("--rounds", "3", "N", "Pairs of runs."), seed = BenchCommands.Text("--seed", "1", "N", "Decides who is killed.");
        Option<bool> json = ModelOptions.Json();
        foreach (Option option in new Option[] { preset, data, epochs, batch, workers, servers, events, rounds, seed, json })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, _) =>
        {
            JobOverlays overlays = new JobOverlays()
                .AddFlag("--data", DataArgument.IsPath(parsed.GetRequiredValue(data)) ? "data.path" : "data.set", parsed.GetRequiredValue(data))
                .AddFlag("--preset", "model.preset", parsed.GetRequiredValue(preset))
                .AddFlag("--epochs", "train.epochs", parsed.GetRequiredValue(epochs))
                .AddFlag("--batch", "train.batch", parsed.GetRequiredValue(batch))
                .AddFlag("--workers", "run.workers", parsed.GetRequiredValue(workers))
                .AddFlag("--servers", "run.servers", parsed.GetRequiredValue(servers))
                .AddFlag("bench", "run.replicas", "2")
                .AddFlag("bench", "run.threads", "1");
            TrainingTask task = TrainingTask.Open(JobFile.Load(null, overlays), DataArgument.Folders(terminal));
            int kills = Whole.Number("--events", parsed.GetValue(events), 1, 1_000_000)!.Value, first = Whole.Number("--seed", parsed.GetValue(seed), 0, int.MaxValue / 2)!.Value;
            var calm = new List<ChurnMeasurement>();
            var struck = new List<ChurnMeasurement>();
            int turns = Whole.Number("--rounds", parsed.GetValue(rounds), 1, 1000)!.Value;
            await ChurnBench.RunAsync(task, 0, 0).ConfigureAwait(false); // compilation
            for (int i = 0; i < turns; i++)
            {
                calm.Add(await ChurnBench.RunAsync(task, 0, 0).ConfigureAwait(false));
                struck.Add(await ChurnBench.RunAsync(task, kills, first + i).ConfigureAwait(false));
            }

            await terminal.Output.WriteLineAsync(ChurnLine(parsed.GetRequiredValue(preset), task, calm, struck, parsed.GetValue(json))).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static string CheckpointLine(string name, TrainingTask task, int window, CheckpointMeasurement measured, bool json)
    {
        double[] ratios = [.. measured.Ratios.Order()];
        double ratio = Median(ratios), write = Median(measured.WriteSeconds), disk = measured.DiskSeconds.Min();
        double step = Median(measured.WithoutSeconds) / window;
        return json
            ? JsonLine.Of(new JsonObject
            {
                ["case"] = name,
                ["framework"] = "disttrain-" + CommandLine.Version,
                ["threads"] = task.Job.Run.Threads,
                ["workers"] = task.Job.Run.Workers,
                ["servers"] = task.Job.Run.Servers,
                ["batch"] = task.Job.Train.Batch,
                ["params"] = task.Layout.Length,
                ["every"] = window,
                ["rounds"] = ratios.Length,
                ["ratio"] = Math.Round(ratio, 4),
                ["ratio_min"] = Math.Round(ratios[0], 4),
                ["ratio_max"] = Math.Round(ratios[^1], 4),
                ["step_ms"] = JsonLine.Rounded(step * 1e3),
                ["checkpoint_mb"] = JsonLine.Rounded(measured.Bytes / 1e6),
                ["write_s"] = JsonLine.Rounded(write),
                ["disk_s"] = JsonLine.Rounded(disk),
                ["disk_mb_per_s"] = JsonLine.Rounded(measured.Bytes / disk / 1e6),
                ["left_out"] = measured.LeftOut,
            })
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name} batch {task.Job.Train.Batch}, a checkpoint of {measured.Bytes / 1e6:0} MB every {window} steps of {step * 1e3:0.0} ms: {ratio - 1:0.0%} ({ratios[0] - 1:0.0%} to {ratios[^1] - 1:0.0%}), written in {write:0.00} s; the disk alone takes {disk:0.00} s ({measured.Bytes / disk / 1e6:0} MB/s); {measured.LeftOut} left out");
    }

    private static string ChurnLine(string name, TrainingTask task, List<ChurnMeasurement> calm, List<ChurnMeasurement> struck, bool json)
    {
        double[] ratios = [.. struck.Zip(calm, (churned, quiet) => churned.Seconds / quiet.Seconds).Order()];
        string hash = calm[0].WeightsSha256;
        bool same = calm.Concat(struck).All(run => run.WeightsSha256 == hash);
        long expected = (long)task.Job.Train.Epochs * task.Steps.Samples;
        bool once = calm.Concat(struck).All(run => run.CommittedSamples == expected && run.PassSamples.All(samples => samples == task.Steps.Samples));
        int Killed(MachineRole role) => struck.Sum(run => run.Killed[role]);
        long dropped = (long)Median(struck.Select(run => (double)run.DroppedSamples)), droppedCalm = (long)Median(calm.Select(run => (double)run.DroppedSamples));
        double seconds = Median(calm.Select(run => run.Seconds)), churnedSeconds = Median(struck.Select(run => run.Seconds));
        return json
            ? JsonLine.Of(new JsonObject
            {
                ["case"] = name,
                ["framework"] = "disttrain-" + CommandLine.Version,
                ["workers"] = task.Job.Run.Workers,
                ["servers"] = task.Job.Run.Servers,
                ["batch"] = task.Job.Train.Batch,
                ["rounds"] = ratios.Length,
                ["ratio"] = Math.Round(Median(ratios), 4),
                ["ratio_min"] = Math.Round(ratios[0], 4),
                ["ratio_max"] = Math.Round(ratios[^1], 4),
                ["seconds_calm"] = JsonLine.Rounded(seconds),
                ["seconds_churned"] = JsonLine.Rounded(churnedSeconds),
                ["workers_killed"] = Killed(MachineRole.Worker),
                ["servers_killed"] = Killed(MachineRole.Server),
                ["coordinators_killed"] = Killed(MachineRole.Coordinator),
                ["committed_once"] = once,
                ["committed_samples"] = expected,
                ["dropped_samples"] = dropped,
                ["dropped_samples_calm"] = droppedCalm,
                ["same_hash"] = same,
                ["weights_sha256"] = hash,
            })
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name} batch {task.Job.Train.Batch}, {Killed(MachineRole.Worker)} workers, {Killed(MachineRole.Server)} servers and {Killed(MachineRole.Coordinator)} coordinators killed in {ratios.Length} runs: {Median(ratios):0.00} times the calm run's {seconds:0.0} s ({ratios[0]:0.00} to {ratios[^1]:0.00}); {expected} samples committed {(once ? "once each" : "NOT ONCE EACH")}, {dropped} computed again; {(same ? "one hash" : "DIFFERENT HASHES")}");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}
