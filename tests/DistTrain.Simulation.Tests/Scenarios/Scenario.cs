using System.Globalization;
using DistTrain.Protocol;

namespace DistTrain.Simulation.Tests;

/// <summary>
/// A story in a text file: what it tells, the sizes, what happens when, then "---" and what the machines did. Numbers are
/// given to servers first, then to workers.
/// </summary>
internal sealed class Scenario
{
    private const string Rule = "---";
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<ScriptedFault> script = [];
    private readonly List<string> shown = ["** run", "PushGradient"];
    private readonly List<string> head = [];

    /// <summary>Reads the part above the rule.</summary>
    public Scenario(string text)
    {
        foreach (string line in text.Split('\n').TakeWhile(line => line != Rule))
        {
            head.Add(line);
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "set":
                    numbers[words[1]] = Number(words[2]);
                    break;
                case "show":
                    shown.AddRange(words[1..]);
                    break;
                case "at":
                    script.Add(FaultOf(Number(words[1]), words[2..]));
                    break;
            }
        }
    }

    /// <summary>The whole file as it should be: the head, the rule, and what happens.</summary>
    public string Tell()
    {
        List<string> lines = [.. head, Rule];
        var application = new CountingApplication(new RunPlan
        {
            Samples = Of("samples", 24),
            Batch = Of("batch", 12),
            Slices = Of("slices", 4),
            Passes = Of("passes", 1),
            Evaluations = Of("validation", 0) is > 0 and var samples ? [new EvaluationSet("validation", samples, 4, EvaluationTiming.EveryPass)] : [],
        });
        SimulationOptions options = SimulationOptions.Calm(Of("workers", 2), Of("servers", 1));
        options = options with
        {
            Protocol = options.Protocol with { CheckpointEverySteps = Of("checkpoint", 0), LeashSteps = Of("leash", 4), Replicas = Of("replicas", 1), SilenceTicks = Of("silence", 60), AuditShare = Of("audit", 0) / 100.0 },
            DelayMax = Of("delay", 5),
            SliceInstants = Of("slice", 0),
            LostPerMille = Of("lost", 0),
            StoreMax = 40,
            Script = script,
        };
        SimulationResult result = Run(application, options, lines);
        if (result.FinalVersion < application.Run.End)
        {
            lines.Add($"resumed from {result.FinalVersion} with one worker and one server more");
            result = Run(application, options with
            {
                Protocol = options.Protocol with { Workers = options.Protocol.Workers + 1, Servers = options.Protocol.Servers + 1 },
                Script = [],
                Start = result.Storage.StartAt(result.FinalVersion),
                Storage = result.Storage,
            }, lines);
        }

        return string.Join('\n', lines) + "\n";
    }

    private SimulationResult Run(CountingApplication application, SimulationOptions options, List<string> lines)
    {
        SimulationResult result = Simulator.Run(application, options, (ulong)Of("seed", 1), line =>
        {
            if (shown.Exists(word => line.Contains(word, StringComparison.Ordinal)))
            {
                lines.Add(line);
            }
        });
        RunCompleted end = result.RunEvents.OfType<RunCompleted>().Single();
        lines.Add($"end: {end.Version}, {end.CommittedSamples} samples committed, {end.DroppedSamples} dropped; "
            + $"faults: {string.Join(", ", result.Faults.Where(pair => pair.Value > 0 && pair.Key != FaultKind.MessageOvertaken).Select(pair => $"{pair.Key} {pair.Value}"))}");
        return result;
    }

    private static ScriptedFault FaultOf(int instant, string[] words)
    {
        MachineId? machine = words.Length < 3 ? null
            : words[1] == "server" ? MachineId.Server(Number(words[2]))
            : words[1] == "worker" ? MachineId.Worker(Number(words[2]))
            : throw new FormatException($"No role {words[1]}.");
        return words[0] switch
        {
            "kill" => new ScriptedFault(instant, machine!.Value.Role == MachineRole.Server ? FaultKind.ServerKilled : FaultKind.WorkerKilled, machine),
            "cut" => new ScriptedFault(instant, FaultKind.PartitionFull, machine, Number(words[4])),
            "slow" => new ScriptedFault(instant, FaultKind.WorkerSlowed, machine, Number(words[6]), Number(words[4])),
            "suspect" => new ScriptedFault(instant, FaultKind.WorkerSuspected, machine, Number(words[4])),
            "spoil" => new ScriptedFault(instant, FaultKind.WorkerComputesWrong, machine),
            "join" => new ScriptedFault(instant, FaultKind.WorkerJoined),
            "succeed" => new ScriptedFault(instant, FaultKind.CoordinatorKilled),
            "leave" => new ScriptedFault(instant, FaultKind.LeaveRequested),
            "fill" => new ScriptedFault(instant, FaultKind.DiskFull, Instants: Number(words[1])),
            "rot" => new ScriptedFault(instant, FaultKind.CheckpointCorrupted, machine),
            "stop" => new ScriptedFault(instant, FaultKind.RunStopped),
            _ => throw new FormatException($"No fault {words[0]}."),
        };
    }

    private int Of(string name, int otherwise) => numbers.GetValueOrDefault(name, otherwise);

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
