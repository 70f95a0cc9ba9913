using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>One line of bench step.</summary>
internal sealed record StepLine(string Case, TrainingTask Task, StepMeasurement Measured)
{
    /// <summary>Of the median step (<see cref="StepMeasurement.StepSeconds"/>).</summary>
    public double SamplesPerSecond => Task.Job.Train.Batch / Measured.MedianSeconds;

    private double Mean => Measured.Samples / Measured.Seconds;

    private double CpuShare => Measured.CpuSeconds.Sum(process => process.Seconds) / Measured.Seconds;

    public JsonObject ToJson()
    {
        Job job = Task.Job;
        var line = new JsonObject
        {
            ["case"] = Case,
            ["framework"] = "disttrain-" + CommandLine.Version,
            ["engine"] = job.Run.Engine == EngineKind.Local ? "local" : "processes",
            ["threads"] = job.Run.Threads,
            ["workers"] = job.Run.Workers,
            ["servers"] = job.Run.Servers,
            ["batch"] = job.Train.Batch,
            ["slices"] = Task.Slices,
            ["samples_per_s"] = JsonLine.Rounded(SamplesPerSecond),
            ["samples_per_s_mean"] = JsonLine.Rounded(Mean),
            ["step_ms_median"] = JsonLine.Rounded(Measured.MedianSeconds * 1e3),
            ["step_ms_min"] = JsonLine.Rounded(Measured.StepSeconds.Min() * 1e3),
            ["steps"] = Measured.StepSeconds.Count,
            ["cpu_share"] = Math.Round(CpuShare, 3),
            ["peak_rss_mb"] = Math.Round(PeakMegabytes, 1),
            ["optimizer"] = Task.Rule.Name,
            ["params"] = Task.Layout.Length,
            ["total_steps"] = Measured.TotalSteps,
            ["weights_sha256"] = Measured.WeightsSha256,
        };
        if (Measured.Report is { } report)
        {
            line["wait_ms"] = Split(report, machine => machine.WaitMilliseconds);
            line["compute_ms"] = Split(report, machine => machine.ComputeMilliseconds);
            line["push_ms"] = Split(report, machine => machine.PushMilliseconds);
            line["bytes_sent_per_s"] = JsonLine.Rounded(BytesPerSecond(report));
            line["cpu_share_by_process"] = new JsonObject(
                Measured.CpuSeconds.Select(process => KeyValuePair.Create<string, JsonNode?>(process.Process, Math.Round(process.Seconds / Measured.Seconds, 3))));
        }

        return line;
    }

    public override string ToString()
    {
        Job job = Task.Job;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Case} batch {job.Train.Batch}, {job.Run.Workers} x {job.Run.Threads} threads, {job.Run.Servers} servers: {Mean:N0} samples/s, step {Measured.MedianSeconds * 1e3:0.000} ms median, {Measured.StepSeconds.Min() * 1e3:0.000} ms min, {Measured.StepSeconds.Count} steps, {CpuShare:0.00} cores busy, {PeakMegabytes:0} MB");
        return Measured.Report is not { } report ? text : string.Create(
            CultureInfo.InvariantCulture,
            $"{text}; waiting {Split(report, machine => machine.WaitMilliseconds):0.000}, computing {Split(report, machine => machine.ComputeMilliseconds):0.000}, pushing {Split(report, machine => machine.PushMilliseconds):0.000} ms, {BytesPerSecond(report) / 1e9:0.00} GB/s sent");
    }

    /// <summary>Of this process.</summary>
    private static double PeakMegabytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Mean over the workers, in the last whole second.</summary>
    private static double? Split(RunReport report, Func<MachineReport, double?> part) =>
        report.Machines.Select(part).Average() is { } mean ? JsonLine.Rounded(mean) : null;

    private static double BytesPerSecond(RunReport report) => report.Nodes.Sum(node => node.BytesSentPerSecond ?? 0);
}
