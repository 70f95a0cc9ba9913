namespace DistTrain.Protocol;

/// <content>Audit: what servers found, the third computation, and workers that compute wrong.</content>
public sealed partial class CoordinatorMachine
{
    private readonly AuditSchedule audits;

    // Numbers of workers that compute wrong. Known to every server by its orders, and so to a successor.
    private readonly SortedSet<int> wrong = [];
    private bool pauseTold;

    // When every range that needs a third worker last had one.
    private long decidableTick;

    private bool IsDisputed(StepNumber step, SliceRange range) =>
        members.Values.Any(member => member.Disputes.Any(dispute => dispute.Step == step && dispute.Range == range));

    /// <summary>A server's report: names who computes wrong, has a third compute where two differ.</summary>
    private void Examine(Member server, ServerReported report, Outbox outbox)
    {
        if (report.Number > server.ReportNumber)
        {
            server.ReportNumber = report.Number;
            server.Disputes = [.. report.Findings.Where(finding => !finding.IsDecided)];
        }

        foreach (AuditFinding finding in report.Findings.Where(finding => finding.IsDecided))
        {
            foreach (int worker in finding.Workers)
            {
                Name(worker, finding, outbox);
            }
        }

        Arbitrate(outbox);
    }

    /// <summary>Two others agree against it: it is taken for lost, and its number never accepted again.</summary>
    private void Name(int worker, AuditFinding finding, Outbox outbox)
    {
        if (wrong.Add(worker))
        {
            ordersChanged = true;
            outbox.Report(new WorkerNamed(MachineId.Worker(worker), finding.Step, finding.Range, finding.Block));
            Lose(MachineId.Worker(worker), $"computes wrong: {finding.Step}, {finding.Range}, {finding.Block}", outbox);
        }
    }

    /// <summary>Sees to it that somebody else computes every range whose values differ; without anybody, or when three differ, the run ends.</summary>
    private void Arbitrate(Outbox outbox)
    {
        if (phase != RunPhase.Running)
        {
            return;
        }

        AuditFinding? undecidable = null;
        bool changed = false;
        foreach (AuditFinding dispute in members.Values.SelectMany(member => member.Disputes).Where(dispute => dispute.Step >= log.First).ToList())
        {
            if (dispute.Workers.Count > 2)
            {
                Fail($"{dispute.Step}, {dispute.Range}, {dispute.Block}: {Names(dispute)} computed different sums; at least two of them compute wrong", failure: null, outbox);
                return;
            }

            bool? added = audits.Arbitrate(dispute, Workers, Staying(Workers));
            changed |= added == true;
            undecidable ??= added is null ? dispute : null;
        }

        if (changed)
        {
            Direct(outbox);
        }

        // Where more workers belong to the run, one may be on its way.
        int wait = options.Workers > 2 ? options.SilenceTicks : 2 * options.ReportTicks;
        if (undecidable is null)
        {
            decidableTick = tick;
        }
        else if (tick - decidableTick > wait)
        {
            Fail($"{undecidable.Step}, {undecidable.Range}, {undecidable.Block}: {Names(undecidable)} computed different sums, and there is no third worker to tell which of them computes wrong", failure: null, outbox);
        }
    }

    /// <summary>What an earlier coordinator knew.</summary>
    private void RestoreNamed(RunProgress progress)
    {
        audits.Confirmed = Math.Max(audits.Confirmed, progress.AuditedRanges);
        foreach (int worker in progress.Wrong)
        {
            if (wrong.Add(worker))
            {
                gone.Add(MachineId.Worker(worker));
                members.Remove(MachineId.Worker(worker));
            }
        }
    }

    private void TellPause(Outbox outbox)
    {
        if (audits.IsPaused && !pauseTold)
        {
            outbox.Report(new AuditsPaused());
        }

        pauseTold = audits.IsPaused;
    }

    private static string Names(AuditFinding finding) => string.Join(" and ", finding.Workers.Select(MachineId.Worker));
}
