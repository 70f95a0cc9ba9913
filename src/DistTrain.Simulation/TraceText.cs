using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>Inputs in words: short enough for one line, with the lists that records do not print.</summary>
internal static class TraceText
{
    public static string Of(Input input) => input switch
    {
        MessageArrived arrived => $"<- {arrived.From}: {Of(arrived.Message)}",
        BlockGradientReady ready => $"{ready.Step}, {ready.Range}, {ready.Block} complete",
        RangeMeasured measured => $"{measured.Step}, {measured.Range} took {measured.BusyMicroseconds}",
        BlockLoaded loaded => $"{loaded.Block} loaded",
        Ticked ticked => $"tick {ticked.Tick}",
        _ => input.ToString()!,
    };

    public static string Of(RunEvent runEvent) => runEvent switch
    {
        RunStarted started => $"started: {started.Epoch}, {started.Version}, {started.Servers} servers, {started.Workers} workers{(started.Spares > 0 ? $", {started.Spares} of them spares" : "")}",
        StepCommitted step => $"{step.Step} committed: {step.Samples} samples",
        PassCompleted pass => $"pass {pass.Totals.Pass} completed at {pass.Version}: {pass.Totals.Samples} samples",
        EvaluationCompleted evaluation => $"{evaluation.Set} measured at {evaluation.Version}: {evaluation.Totals.Samples} samples",
        CheckpointCommitted checkpoint => $"checkpoint of {checkpoint.Version}",
        CheckpointFailed failed => $"no checkpoint of {failed.Version}: {failed.Reason}",
        CheckpointSkipped skipped => $"no checkpoint of {skipped.Version}: earlier ones are still being stored",
        CheckpointDamaged damaged => $"the checkpoint of {damaged.Version} cannot be read: {damaged.Reason}",
        MemberJoined joined => $"{joined.Member} joined",
        WorkerNamed named => $"{named.Worker} computes wrong: {named.Step}, {named.Range}, {named.Block}",
        AuditsPaused => "nobody to audit",
        MemberGone gone => $"{gone.Member} gone: {gone.Reason}",
        RangesBalanced balanced => $"balanced from {balanced.From} on: {string.Join(", ", balanced.Speeds)}",
        RangesBacked backed => $"{backed.Worker} {backed.Reason} at {backed.From}: helped by {string.Join(", ", backed.Helpers)}",
        RunCompleted completed => $"completed at {completed.Version}{(completed.Stopped ? ", stopped" : "")}: {completed.CommittedSamples} samples committed",
        _ => runEvent.ToString(),
    };

    private static string Of(Message message) => message switch
    {
        JoinRun => "JoinRun",
        Refused refused => $"Refused, {refused.Reason}: {refused.Text}",
        DirectWorker direct =>
            $"DirectWorker {direct.Order}: {direct.Committed} open, limit {direct.Limit}, {string.Join("; ", direct.Periods.Select(Of))}"
            + $", evaluate [{string.Join(' ', direct.Evaluations.Select(batch => $"{batch.Set}/{batch.Batch}"))}]{Of(direct.Audits)}{(direct.Ended ? ", ended" : "")}",
        DirectServer direct =>
            $"DirectServer {direct.Order}: start {direct.Start}, {direct.Progress.Committed} open, {direct.Copies.Count} copies{(direct.Settled ? ", settled" : "")}, store [{string.Join(' ', direct.Checkpoints.Select(version => version.Value))}]"
            + $", workers [{string.Join(' ', direct.Workers)}]{(direct.Ended ? ", ended" : "")}",
        WorkerReported report => $"WorkerReported: order {report.OrderSeen}, accepted before {report.Accepted}, {report.Results.Count} results",
        ServerReported report =>
            $"ServerReported: order {report.OrderSeen}, applied {report.Applied}, {report.Statistics.Count} statistics, dropped {report.DroppedSamples}"
            + $", shards [{string.Join(' ', report.Shards.Select(shard => shard.Version.Value))}] {report.Failure?.Text}"
            + string.Concat(report.Findings.Select(finding => $", {finding.Step}, {finding.Range}, {finding.Block} {(finding.IsDecided ? "wrong of" : "differs:")} {string.Join(" and ", finding.Workers.Select(MachineId.Worker))}")),
        PushGradient push => $"PushGradient {push.Step}, {push.Block}, {push.Range}, {push.Statistics}{(push.IsAudited ? ", audited" : "")}",
        PullBlocks pull => $"PullBlocks from {pull.From} [{string.Join(' ', pull.Blocks.Select(block => block.Value))}]",
        GradientMeasured measured => $"GradientMeasured {measured.Step} [{string.Join(' ', measured.Norms.Select(norm => $"{norm.Block.Value}: {norm.Squared:R}"))}]",
        GradientAccepted accepted => $"GradientAccepted {accepted.Step}, {accepted.Block}, {accepted.Range}; now {accepted.Current}",
        BlockPublished published => $"BlockPublished {published.Block}, {published.Version}",
        BlocksCollected collected =>
            $"BlocksCollected {collected.Epoch} [{string.Join(' ', collected.Held.Select(held => $"{held.Block.Value}@{held.Version.Value}{(held.HasPrevious ? "+" : "")}"))}]"
            + $", {collected.Statistics.Count} statistics, {collected.Progress?.Committed} open",
        ForwardSum forward => $"ForwardSum {forward.Step}, {forward.Block}",
        FetchBlocks fetch => $"FetchBlocks [{string.Join(' ', fetch.Blocks.Select(block => block.Value))}]",
        BlockMoved moved => $"BlockMoved {moved.Block}, {moved.Version}",
        _ => message.ToString()!,
    };

    private static string Of(IReadOnlyList<AuditedRange> audits) => audits.Count == 0 ? ""
        : $", audit [{string.Join(' ', audits.Select(audit => $"{audit.Step.Value}:{audit.Range.First}+{audit.Range.Count}{(audit.IsMine ? "*" : "")}"))}]";

    private static string Of(AssignmentPeriod period) =>
        $"from {period.From.Value} [{string.Join(' ', period.Ranges.Select(range => $"{range.First}+{range.Count}"))}]";
}
