namespace DistTrain.Protocol;

/// <summary>
/// Steps in order: a step is committed when every server has applied it. Its statistics entered the same trees as its
/// gradients, so each sample is counted exactly once.
/// </summary>
internal sealed class CommitLog
{
    private readonly RunPlan plan;
    private readonly SortedDictionary<StepNumber, RangeStatistics> waiting = [];

    // Where the count begins is as this run epoch had it: one that lies further back has moved it there.
    private RunEpoch counted;

    public CommitLog(RunPlan plan, RunStart start)
    {
        this.plan = plan;
        First = start.Version.Step;
        Totals = start.Totals;
        CommittedSamples = start.CommittedSamples;
    }

    /// <summary>Every step before this one is committed. Invariant: never moves back within a run epoch.</summary>
    public StepNumber First { get; private set; }

    /// <summary>Of the pass that <see cref="First"/> is in.</summary>
    public PassTotals Totals { get; private set; }

    /// <summary>
    /// Samples of the committed steps since the run started. A run epoch that starts further back counts them once; where it starts
    /// before the run itself did, because its checkpoint is damaged, the run counts from there.
    /// </summary>
    public long CommittedSamples { get; private set; }

    /// <summary>What an earlier coordinator had committed, when that is more than is known here; and from where its newest run epoch counts.</summary>
    public void Restore(RunProgress progress)
    {
        long between = plan.SamplesBefore(progress.Committed) - plan.SamplesBefore(First);
        if (progress.Epoch >= counted)
        {
            counted = progress.Epoch;
            CommittedSamples = Math.Max(0, progress.CommittedSamples - between);
        }

        if (progress.Committed > First)
        {
            First = progress.Committed;
            Totals = progress.Totals;
            CommittedSamples += between;
        }
    }

    /// <summary>Whether the totals at a version can be told: it is <see cref="First"/>, or all statistics up to it are there.</summary>
    public bool Knows(WeightVersion version)
    {
        for (StepNumber step = First; step.Before < version; step = step.Next)
        {
            if (!waiting.ContainsKey(step))
            {
                return false;
            }
        }

        return version >= First.Before;
    }

    /// <summary>Begins a run epoch at a version, with the totals of its pass so far.</summary>
    /// <returns>Samples of committed steps that are taken back: they will be computed again.</returns>
    public long Begin(WeightVersion start, PassTotals totals)
    {
        waiting.Clear();
        long takenBack = Math.Max(0, plan.SamplesBefore(First) - plan.SamplesBefore(start.Step));
        CommittedSamples = Math.Max(0, CommittedSamples - takenBack);
        First = start.Step;
        Totals = totals;
        return takenBack;
    }

    /// <summary>Statistics from any server: those of a step are the same everywhere.</summary>
    public void Take(IReadOnlyList<StepStatistics> statistics)
    {
        foreach (StepStatistics step in statistics)
        {
            if (step.Step >= First)
            {
                waiting.TryAdd(step.Step, step.Statistics);
            }
        }
    }

    /// <summary>Commits every step that all servers have applied.</summary>
    /// <param name="applied">Version that all servers have.</param>
    /// <param name="reached">Told each version as it is reached, with its totals.</param>
    /// <param name="outbox">Gets the events.</param>
    public void Advance(WeightVersion applied, Action<WeightVersion, PassTotals> reached, Outbox outbox)
    {
        while (First.Before < applied && waiting.Remove(First, out RangeStatistics? statistics))
        {
            int rows = plan.RowsOf(First);
            int pass = plan.PassOf(First);
            WeightVersion version = First.After;
            CommittedSamples += rows;
            Totals = Totals.With(rows, statistics);
            outbox.Report(new StepCommitted(First, pass, rows, statistics));
            if (plan.EndsPass(version))
            {
                outbox.Report(new PassCompleted(version, Totals));
            }

            First = First.Next;
            if (plan.PassOf(First) != pass)
            {
                Totals = PassTotals.Empty(plan.PassOf(First));
            }

            reached(version, Totals);
        }
    }
}
