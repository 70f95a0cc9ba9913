using System.Diagnostics;
using System.Text.Json;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <content>Questions from outside: status, stop.</content>
internal sealed partial class ProcessRun
{
    private RunStatus? status;

    public byte[]? Answer(ReadOnlySpan<byte> question)
    {
        ControlQuestion? asked = ControlQuestion.Parse(question);
        switch (asked?.Ask)
        {
            case ControlQuestion.Status:
                return JsonSerializer.SerializeToUtf8Bytes(new ControlAnswer { Report = ReportNow() });
            case ControlQuestion.Stop:
                RequestStop();
                return JsonSerializer.SerializeToUtf8Bytes(new ControlAnswer { Report = ReportNow() });
            case ControlQuestion.Join:
                return JsonSerializer.SerializeToUtf8Bytes(Join(asked));
            default:
                return JsonSerializer.SerializeToUtf8Bytes(new ControlAnswer { Refusal = "the question is not understood" });
        }
    }

    RunReport? IEngineRun.Report => ReportNow();

    public RunReport ReportNow()
    {
        lock (gate)
        {
            return new RunReport
            {
                Phase = status is null ? "starting" : $"{status.Phase}".ToLowerInvariant(),
                RunEpoch = status?.Epoch.Value ?? 0,
                Step = status?.Committed.Value ?? start.Step,
                TotalSteps = task.Steps.TotalSteps,
                Samples = Journal.Samples,
                Seconds = Journal.Elapsed.TotalSeconds,
                Listen = options.Listen is null ? null : wire.Addresses[1],
                Nodes = [.. nodes.Values.OrderBy(node => node.Number).Select(ReportOf)],
                Machines = [.. (status?.Members ?? []).Select(ReportOf)],
            };
        }
    }

    private static NodeReport ReportOf(LaunchedNode node)
    {
        double? seconds = Elapsed(node);
        return new NodeReport
        {
            Node = node.Number,
            ProcessId = node.ProcessId,
            Name = node.Slot.Name,
            BytesSent = node.Newest?.Measured.BytesSent,
            BytesReceived = node.Newest?.Measured.BytesReceived,
            DataShare = node.Newest?.Measured.DataShare,
            BytesSentPerSecond = seconds is null ? null : (node.Newest!.Value.Measured.BytesSent - node.Before!.Value.Measured.BytesSent) / seconds,
            BytesReceivedPerSecond = seconds is null ? null : (node.Newest!.Value.Measured.BytesReceived - node.Before!.Value.Measured.BytesReceived) / seconds,
        };
    }

    private MachineReport ReportOf(MemberStatus member)
    {
        LaunchedNode? node = nodes.Values.FirstOrDefault(each => each.Machines.Contains(member.Member));
        WorkerTimes? times = TimesOf(node, $"{member.Member}");
        double? PerStep(TimeSpan? time) => times is { Steps: > 0 } ? time!.Value.TotalMilliseconds / times.Value.Steps : null;
        return new MachineReport
        {
            Machine = $"{member.Member}",
            Node = node?.Number,
            At = member.At,
            Ranges = [.. member.Ranges.Select(range => (IReadOnlyList<int>)[range.First, range.Count])],
            IsDoubtful = member.IsDoubtful,
            Role = $"{member.Member.Role}".ToLowerInvariant(),
            WaitMilliseconds = PerStep(times?.Wait),
            ComputeMilliseconds = PerStep(times?.Compute),
            PushMilliseconds = PerStep(times?.Push),
        };
    }

    private static double? Elapsed(LaunchedNode? node) => node?.Before is { } before && node.Newest is { } newest
        ? Stopwatch.GetElapsedTime(before.Timestamp, newest.Timestamp).TotalSeconds
        : null;

    private static WorkerTimes? TimesOf(LaunchedNode? node, string worker) =>
        node?.Newest is { } newest && newest.Measured.Workers.TryGetValue(worker, out WorkerTimes now)
            ? now.Since(node.Before is { } before ? before.Measured.Workers.GetValueOrDefault(worker) : default)
            : null;
}
