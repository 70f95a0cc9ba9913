using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.Cli;

internal static class BenchCommands
{
    public static Command Create(Terminal terminal) => new("bench", "Measures this machine: training steps, matrix products, lanes between processes, and what checkpoints and lost machines cost.")
    {
        Step(terminal),
        Gemm(terminal),
        LaneBenchCommand.Create(terminal),
        RecoveryBenchCommands.Checkpoint(terminal),
        RecoveryBenchCommands.Churn(terminal),
    };

    private static Command Step(Terminal terminal)
    {
        var command = new Command("step", "Samples/s of training steps, the whole path: data, network, machines, updates.");
        Option<string> name = Text("--case", "cnn", "mlp|bigmlp|cnn", "The network.");
        Option<string> batch = Text("--batch", "128", "N", "Samples a step, over all workers together.");
        Option<string> workers = Text("--workers", "1", "N", "Workers."), servers = Text("--servers", "1", "N", "Parameter servers.");
        Option<string> threads = Text("--threads", "1", "N", "Threads of each worker."), seconds = Text("--seconds", "3", "N", "Time to measure, after the warm-up.");
        var steps = new Option<string?>("--steps") { Description = "Steps to measure, in place of a time: the hash is the same each time.", HelpName = "N" };
        Option<string> warmup = Text("--warmup", "10", "N", "Steps at the start that don't count.");
        Option<string> optimizer = Text("--optimizer", "adam", "NAME", "The update rule, as in a job.");
        Option<bool> json = ModelOptions.Json();
        foreach (Option option in new Option[] { name, batch, workers, servers, threads, seconds, steps, warmup, optimizer, json })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, _) =>
        {
            string chosen = parsed.GetRequiredValue(name);
            int warm = Whole.Number("--warmup", parsed.GetValue(warmup), 1, 1_000_000)!.Value;
            int? timed = Whole.Number("--steps", parsed.GetValue(steps), 1, 1_000_000_000);
            JobOverlays overlays = new JobOverlays()
                .AddFlag("--batch", "train.batch", parsed.GetRequiredValue(batch))
                .AddFlag("--optimizer", "train.optimizer", parsed.GetRequiredValue(optimizer))
                .AddFlag("--workers", "run.workers", parsed.GetRequiredValue(workers))
                .AddFlag("--servers", "run.servers", parsed.GetRequiredValue(servers))
                .AddFlag("--threads", "run.threads", parsed.GetRequiredValue(threads))
                .AddFlag("bench", "run.checkpointEvery", "1000000000")
                .AddFlag("bench", "train.epochs", "1000000")
                .AddFlag("bench", "train.steps", ((timed ?? 1_000_000_000L) + warm).ToString(CultureInfo.InvariantCulture));
            Job job = JobFile.Load(null, overlays) with { Model = BenchCase.Model(chosen) };
            var task = TrainingTask.Create(job, new Splits(BenchCase.Data(job.Train.Batch)));
            double limit = timed is null ? Whole.Number("--seconds", parsed.GetValue(seconds), 1, 3600)!.Value : double.PositiveInfinity;
            StepMeasurement measured = await StepBench.RunAsync(task, warm, limit).ConfigureAwait(false);
            await terminal.Output.WriteLineAsync(StepLine(chosen, task, measured, parsed.GetValue(json))).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static string StepLine(string name, TrainingTask task, StepMeasurement measured, bool json)
    {
        double[] sorted = [.. measured.StepSeconds.Order()];
        double median = sorted[sorted.Length / 2], mean = measured.Samples / measured.Seconds;
        Job job = task.Job;
        double cpuShare = measured.CpuSeconds / measured.Seconds;
        using var process = Process.GetCurrentProcess();
        double peakMegabytes = process.PeakWorkingSet64 / 1048576.0;
        string sha256 = measured.WeightsSha256;
        return json
            ? JsonLine.Of(new JsonObject
            {
                ["case"] = name,
                ["framework"] = "disttrain-" + CommandLine.Version,
                ["threads"] = job.Run.Threads,
                ["workers"] = job.Run.Workers,
                ["servers"] = job.Run.Servers,
                ["batch"] = job.Train.Batch,
                ["slices"] = task.Slices,
                ["samples_per_s"] = JsonLine.Rounded(job.Train.Batch / median),
                ["samples_per_s_mean"] = JsonLine.Rounded(mean),
                ["step_ms_median"] = JsonLine.Rounded(median * 1e3),
                ["step_ms_min"] = JsonLine.Rounded(sorted[0] * 1e3),
                ["steps"] = sorted.Length,
                ["cpu_share"] = Math.Round(cpuShare, 3),
                ["peak_rss_mb"] = Math.Round(peakMegabytes, 1),
                ["optimizer"] = task.Rule.Name,
                ["params"] = task.Layout.Length,
                ["total_steps"] = measured.TotalSteps,
                ["weights_sha256"] = sha256,
            })
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name} batch {job.Train.Batch}, {job.Run.Workers} x {job.Run.Threads} threads, {job.Run.Servers} servers: {mean:N0} samples/s, step {median * 1e3:0.000} ms median, {sorted[0] * 1e3:0.000} ms min, {sorted.Length} steps, {cpuShare:0.00} cores busy, {peakMegabytes:0} MB");
    }

    private static Command Gemm(Terminal terminal)
    {
        var command = new Command("gemm", "Matrix products against the processor's own peak, which is measured in between.");
        var only = new Option<string?>("--shape") { Description = "One shape in place of the table.", HelpName = "MxNxK" };
        Option<string> alternations = Text("--alternations", "9", "N", "Times that peak and product are measured in turn.");
        Option<bool> json = ModelOptions.Json();
        command.Add(only);
        command.Add(alternations);
        command.Add(json);
        command.SetAction(parsed =>
        {
            int turns = Whole.Number("--alternations", parsed.GetValue(alternations), 1, 1000)!.Value;
            bool asJson = parsed.GetValue(json);
            foreach (GemmShape shape in parsed.GetValue(only) is { } text ? GemmShape.Parse("--shape", text) : GemmShape.Table)
            {
                GemmMeasurement measured = GemmBench.Run(shape, turns);
                terminal.Output.WriteLine(asJson ? JsonLine.Of(measured.ToJson()) : measured.ToString());
                terminal.Output.Flush();
            }

            return ExitCode.Done;
        });
        return command;
    }

    internal static Option<string> Text(string name, string fallback, string value, string description) =>
        new(name) { Description = description, HelpName = value, DefaultValueFactory = _ => fallback };
}
