using System.Diagnostics;
using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <content>How the run goes, for people.</content>
internal sealed partial class RunActor
{
    private RunReport ReportNow() => new()
    {
        Phase = status is null ? "starting" : $"{status.Phase}".ToLowerInvariant(),
        RunEpoch = status?.Epoch.Value ?? 0,
        Step = status?.Committed.Value ?? run.Origin.Step,
        TotalSteps = run.Task.Steps.TotalSteps,
        Samples = run.Journal.Samples,
        Seconds = run.Journal.Elapsed.TotalSeconds,
        Nodes = [.. nodes.Values.OrderBy(node => node.Lane).Select(ReportOf)],
        Machines = [.. (status?.Members ?? []).Select(ReportOf)],
    };

    private static NodeReport ReportOf(RunNode node)
    {
        double? seconds = node.Before is { } before && node.Newest is { } newest ? Stopwatch.GetElapsedTime(before.Timestamp, newest.Timestamp).TotalSeconds : null;
        return new NodeReport
        {
            Node = node.Lane,
            ProcessId = node.Newest?.Reported.ProcessId ?? 0,
            Name = node.Name,
            BytesSentPerSecond = seconds is > 0 ? (node.Newest!.Value.Reported.BytesSent - node.Before!.Value.Reported.BytesSent) / seconds : null,
            BytesReceivedPerSecond = seconds is > 0 ? (node.Newest!.Value.Reported.BytesReceived - node.Before!.Value.Reported.BytesReceived) / seconds : null,
        };
    }

    private MachineReport ReportOf(MemberStatus member)
    {
        RunNode? node = nodes.Values.FirstOrDefault(each => each.Hosts(member.Member));
        WorkerTimes? times = member.Member.Role == MachineRole.Worker && node?.Newest is { } newest
            ? newest.Reported.Times.Since(node.Before?.Reported.Times ?? default)
            : null;
        double? PerStep(TimeSpan? time) => times is { Steps: > 0 } ? time!.Value.TotalMilliseconds / times.Value.Steps : null;
        return new MachineReport
        {
            Machine = $"{member.Member}",
            Role = $"{member.Member.Role}".ToLowerInvariant(),
            Node = node?.Lane,
            At = member.At,
            Ranges = [.. member.Ranges.Select(range => (IReadOnlyList<int>)[range.First, range.Count])],
            IsDoubtful = member.IsDoubtful,
            WaitMilliseconds = PerStep(times?.Wait),
            ComputeMilliseconds = PerStep(times?.Compute),
            PushMilliseconds = PerStep(times?.Push),
        };
    }
}
