using System.Globalization;
using DistTrain.Hosting;

namespace DistTrain.Cli;

/// <summary>A live run as a table.</summary>
internal static class StatusText
{
    public static IEnumerable<string> Lines(string run, RunReport report)
    {
        yield return $"{TrainingText.Path(run)}: {report.Phase}, step {Wording.Count(report.Step)} of {Wording.Count(report.TotalSteps)}, "
            + $"{Wording.Count(report.Samples)} samples in {Wording.Seconds(report.Seconds)}, {Wording.Count(report.Samples / Math.Max(report.Seconds, 0.001))} samples/s";
        yield return "";
        yield return $"{"process",-14} {"id",8} {"sent/s",10} {"received/s",10}";
        foreach (NodeReport node in report.Nodes)
        {
            yield return $"{node.Name,-14} {node.ProcessId,8} {Bytes(node.BytesSentPerSecond),10} {Bytes(node.BytesReceivedPerSecond),10}";
        }

        yield return "";
        yield return $"{"machine",-14} {"process",-14} {"at",9} {"slices",-12} {"wait",8} {"compute",8} {"push",8}  ms a step";
        foreach (MachineReport machine in report.Machines)
        {
            NodeReport? node = report.Nodes.FirstOrDefault(each => each.Node == machine.Node);
            string state = State(machine, node);
            yield return $"{machine.Machine,-14} {node?.Name ?? "-",-14} {Wording.Count(machine.At),9} {Slices(machine),-12} "
                + $"{Milliseconds(machine.WaitMilliseconds),8} {Milliseconds(machine.ComputeMilliseconds),8} {Milliseconds(machine.PushMilliseconds),8}"
                + (state.Length > 0 ? $"  {state}" : "");
        }
    }

    /// <summary>As "0-3 6".</summary>
    public static string Slices(MachineReport machine) => machine.Ranges.Count == 0
        ? "-"
        : string.Join(" ", machine.Ranges.Select(range => range[1] == 1 ? $"{range[0]}" : $"{range[0]}-{range[0] + range[1] - 1}"));

    /// <summary>A cluster, and its run.</summary>
    public static IEnumerable<string> Lines(ClusterReport report)
    {
        yield return $"singleton on {report.Singleton ?? "no node: it is not heard of"}";
        yield return "";
        yield return $"{"member",-44} {"status",-12} roles";
        foreach (ClusterMember member in report.Members)
        {
            yield return $"{member.Address,-44} {member.Status,-12} {string.Join(", ", member.Roles)}";
        }

        yield return "";
        if (report.Run is not { } run)
        {
            yield return "no run since the singleton began";
            yield break;
        }

        if (report.Report is { } live && report.State is ClusterRunState.Live)
        {
            foreach (string line in Lines(run, live))
            {
                yield return line;
            }
        }
        else
        {
            yield return $"{run}: {$"{report.State}".ToLowerInvariant()}{(report.Failure is { } failure ? $": {failure}" : "")}";
        }
    }

    /// <summary>What is unusual about it; empty: nothing.</summary>
    public static string State(MachineReport machine, NodeReport? node) =>
        machine.IsDoubtful ? "suspected"
        : node?.DataShare is { } share && machine.ComputeMilliseconds is not null ? string.Create(CultureInfo.InvariantCulture, $"{share:P0} of the data fetched")
        : "";

    public static string Milliseconds(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";

    public static string Bytes(double? value) => value switch
    {
        null => "-",
        >= 1e6 => (value.Value / 1e6).ToString("0.0 'MB'", CultureInfo.InvariantCulture),
        _ => (value.Value / 1e3).ToString("0.0 'kB'", CultureInfo.InvariantCulture),
    };
}
