namespace DistTrain.Protocol;

/// <content>Audited ranges: their sums enter a tree when two workers agree; who differs is reported.</content>
public sealed partial class ServerMachine
{
    // Who was found wrong, until orders say that the coordinator knows. Kept over run epochs.
    private readonly List<AuditFinding> decided = [];

    /// <summary>Of the blocks' open steps, and what the coordinator may not have heard yet.</summary>
    private IReadOnlyList<AuditFinding> Findings =>
    [
        .. decided,
        .. blocks.Values.Where(block => block.Audits.HasAny)
            .SelectMany(block => block.Audits.Findings(block.Block.Id, block.Version.Step)).Where(finding => !finding.IsDecided),
    ];

    /// <summary>A worker that computes wrong: others compute its ranges, nothing of it is taken any more.</summary>
    private bool IsNamed(MachineId worker)
    {
        foreach (AuditFinding finding in decided)
        {
            if (finding.Workers.Contains(worker.Number))
            {
                return true;
            }
        }

        return orders!.Progress.Wrong.Contains(worker.Number);
    }

    /// <summary>Holds an audited sum apart until a second worker's is equal; true when the root is complete and may be applied.</summary>
    private bool Audit(MachineId from, ServerBlock block, PushGradient push, Outbox outbox)
    {
        if (push.Step < orders!.Unaudited && !block.Audits.Has(push.Range))
        {
            return Offer(block, push.Range, push.Gradient, push.Statistics);
        }

        switch (block.Audits.Take(from, push.Range, push.Gradient, push.Statistics))
        {
            case AuditedSums.Outcome.Confirmed:
                List<AuditFinding> found =
                    [.. block.Audits.Findings(block.Block.Id, push.Step).Where(finding => finding.IsDecided && finding.Range == push.Range)];
                decided.AddRange(found);
                if (found.Count > 0)
                {
                    SendReport(outbox);
                }

                return Offer(block, push.Range, push.Gradient, push.Statistics);
            case AuditedSums.Outcome.Differs:
                SendReport(outbox);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Orders came: nobody is there for the second computation of some steps, so what is held of them enters unaudited.</summary>
    private void FollowAudits(DirectServer direct, Outbox outbox)
    {
        decided.RemoveAll(finding => finding.Workers.All(direct.Progress.Wrong.Contains));
        foreach (ServerBlock block in blocks.Values)
        {
            while (failure is null && block.Version.Step < direct.Unaudited
                && block.Audits.TryWithdraw(out SliceRange range, out BlockBuffer? sum, out RangeStatistics? sums))
            {
                bool completed = Offer(block, range, sum!, sums!);
                sum!.Release();
                if (completed)
                {
                    Complete(block, outbox);
                }
            }
        }
    }
}
