using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Simulation;

namespace DistTrain.Cli;

/// <summary>Simulations of consecutive seeds, shown as they go; the first that fails ends the series.</summary>
/// <param name="terminal">Where it is shown.</param>
/// <param name="applicationOf">What runs under a seed.</param>
/// <param name="first">The first seed, and what all have in common.</param>
/// <param name="seeds">How many.</param>
internal sealed class SimulationSeries(Terminal terminal, Func<ulong, ISimulatedApplication> applicationOf, SimulationCase first, int seeds)
{
    private readonly Stopwatch watch = new();

    public bool AsJson { get; init; }

    /// <summary>Every event as a line on standard error.</summary>
    public bool Traced { get; init; }

    /// <summary>Options of the command besides the seed.</summary>
    public string RepeatOptions { get; init; } = "";

    public int Run()
    {
        using var totals = new SimulationTotals();
        watch.Start();
        TimeSpan shown = TimeSpan.Zero;
        for (int i = 0; i < seeds; i++)
        {
            SimulationCase one = first with { Seed = first.Seed + (ulong)i };
            try
            {
                totals.Add(one.Run(applicationOf(one.Seed), Traced ? terminal.Error.WriteLine : null));
            }
            catch (SimulationFailedException failure)
            {
                Fail(one.Seed, failure);
                return ExitCode.TrainingFailed;
            }

            if (watch.Elapsed - shown >= TimeSpan.FromSeconds(1) && i + 1 < seeds)
            {
                shown = watch.Elapsed;
                Progress(totals);
            }
        }

        Done(totals);
        return ExitCode.Done;
    }

    private void Progress(SimulationTotals totals)
    {
        Write(AsJson
            ? JsonLine.Of(new JsonObject { ["event"] = "progress", ["seeds"] = totals.Runs, ["events"] = totals.Events, ["steps"] = totals.Steps })
            : string.Create(CultureInfo.InvariantCulture, $"{totals.Runs} of {seeds} seeds, {totals.Events:N0} events, {PerSecond(totals.Events):N0} events/s"));
    }

    private void Done(SimulationTotals totals)
    {
        if (AsJson)
        {
            var faults = new JsonObject();
            foreach ((FaultKind kind, long count) in totals.Faults)
            {
                faults[kind.ToString()] = count;
            }

            Write(JsonLine.Of(new JsonObject
            {
                ["event"] = "done",
                ["seeds"] = totals.Runs,
                ["events"] = totals.Events,
                ["steps"] = totals.Steps,
                ["faults"] = faults,
                ["seeds_per_s"] = JsonLine.Rounded(PerSecond(totals.Runs)),
                ["events_per_s"] = JsonLine.Rounded(PerSecond(totals.Events)),
                ["steps_per_s"] = JsonLine.Rounded(PerSecond(totals.Steps)),
                ["trace_sha256"] = totals.TraceSha256,
            }));
            return;
        }

        foreach ((FaultKind kind, long count) in totals.Faults)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"  {kind,-24}{count,12:N0}"));
        }

        if (totals.Silent.Count > 0)
        {
            Write($"  {totals.Silent.Count} of {totals.Faults.Count} kinds never fired: nothing was proved about {string.Join(", ", totals.Silent)}");
        }

        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{(seeds == 1 ? $"Seed {first.Seed}" : $"All {seeds} seeds")} passed: {totals.Events:N0} events, {totals.Steps:N0} steps, {PerSecond(totals.Events):N0} events/s, {PerSecond(totals.Steps):N0} steps/s, trace_sha256 {totals.TraceSha256}"));
    }

    private void Fail(ulong seed, SimulationFailedException failure)
    {
        string repeat = $"{terminal.CommandName} simulate --seed {seed}{RepeatOptions} --trace";
        if (AsJson)
        {
            Write(JsonLine.Of(new JsonObject
            {
                ["event"] = "failed",
                ["seed"] = seed,
                ["simulated_events"] = failure.SimulatedEvents,
                ["message"] = failure.Message,
                ["repeat"] = repeat,
            }));
        }

        terminal.Error.WriteLine(failure.Message);
        terminal.Error.WriteLine($"To repeat it: {repeat}");
    }

    private double PerSecond(long count) => count / Math.Max(1e-9, watch.Elapsed.TotalSeconds);

    private void Write(string line)
    {
        terminal.Output.WriteLine(line);
        terminal.Output.Flush();
    }
}
