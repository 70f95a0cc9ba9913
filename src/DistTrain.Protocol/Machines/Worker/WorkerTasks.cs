namespace DistTrain.Protocol;

/// <summary>
/// What a worker has asked its compute port for, what it has got, and what to ask next: always the earliest step that is open
/// and has ranges of this worker left; evaluations of the limit's version after all steps before the limit.
/// </summary>
/// <remarks>
/// The compute port works in order and waits for blocks. When ranges of an earlier step are added (another worker was lost),
/// what waits behind them would wait for ever, so everything is cancelled and asked again in the right order.
/// </remarks>
internal sealed class WorkerTasks
{
    private readonly RunPlan plan;
    private readonly int blocks;
    private readonly List<Asked> asked = [];
    private readonly Dictionary<StepNumber, List<SliceRange>> done = [];
    private readonly HashSet<EvaluationBatch> askedEvaluations = [];
    private readonly List<SliceRange> taken = [];
    private readonly List<SliceRange> audited = [];
    private readonly List<SliceRange> pieces = [];

    public WorkerTasks(RunPlan plan, int blocks)
    {
        this.plan = plan;
        this.blocks = blocks;
    }

    /// <summary>The step the worker is at: everything before it is computed, as far as it is this worker's.</summary>
    public StepNumber Reached { get; private set; }

    /// <summary>The version whose blocks the compute port needs now, or null when nothing is asked for.</summary>
    public WeightVersion? Needed =>
        asked.Count > 0 ? asked[0].Step.Before : askedEvaluations.Count > 0 ? Reached.Before : null;

    public bool HasEvaluationsAsked => askedEvaluations.Count > 0;

    public void Reset()
    {
        asked.Clear();
        done.Clear();
        askedEvaluations.Clear();
        Reached = default;
    }

    /// <summary>Steps before this one are committed: forget them, and cancel what is still computed for them.</summary>
    public void Commit(StepNumber first, RunEpoch epoch, Outbox outbox)
    {
        foreach (StepNumber step in done.Keys.Where(step => step < first).ToList())
        {
            done.Remove(step);
        }

        if (asked.Exists(request => request.Step < first))
        {
            Cancel(epoch, outbox);
        }
    }

    /// <summary>A block of a range is complete; true when it was the last one of a range asked for.</summary>
    public bool Complete(StepNumber step, SliceRange range, BlockId block)
    {
        int index = asked.FindIndex(request => request.Step == step && request.Range == range);
        if (index < 0 || !asked[index].Blocks.Add(block) || asked[index].Blocks.Count < blocks)
        {
            return false;
        }

        asked.RemoveAt(index);
        Done(step).Add(range);
        return true;
    }

    /// <summary>A batch was evaluated; false when it was not asked for, or on another version.</summary>
    public bool Complete(WeightVersion version, EvaluationBatch batch) => version == Reached.Before && askedEvaluations.Remove(batch);

    /// <summary>Asks for whatever can be asked for now.</summary>
    /// <param name="orders">The newest orders.</param>
    /// <param name="floor">First step not known to be committed.</param>
    /// <param name="evaluated">Whether a batch of the limit's version has its result.</param>
    /// <param name="outbox">Gets the requests.</param>
    public void Advance(DirectWorker orders, StepNumber floor, Predicate<EvaluationBatch> evaluated, Outbox outbox)
    {
        StepNumber step = floor;
        for (; step < orders.Limit; step = step.Next)
        {
            FindMissing(orders, step);
            if (pieces.Count > 0)
            {
                if (askedEvaluations.Count > 0 || asked.Exists(request => request.Step > step))
                {
                    Cancel(orders.Epoch, outbox);
                    FindMissing(orders, step);
                }

                foreach (SliceRange piece in pieces)
                {
                    asked.Add(new Asked(step, piece));
                    outbox.Add(new ComputeRange(orders.Epoch, step, piece));
                }
            }

            // Not any request: one for a later step must not hide ranges that were added to a step in between.
            if (asked.Exists(request => request.Step <= step))
            {
                break;
            }
        }

        Reached = step;
        if (step < orders.Limit)
        {
            return;
        }

        foreach (EvaluationBatch batch in orders.Evaluations)
        {
            if (!evaluated(batch) && askedEvaluations.Add(batch))
            {
                outbox.Add(new ComputeEvaluation(orders.Epoch, orders.Limit.Before, batch));
            }
        }
    }

    /// <summary>
    /// Orders moved on: evaluations asked for on an older version are of no use. Somebody else was first with them, so they may still
    /// wait for blocks, which need not come any more.
    /// </summary>
    public void ForgetEvaluations(RunEpoch epoch, Outbox outbox)
    {
        if (askedEvaluations.Count > 0)
        {
            Cancel(epoch, outbox);
        }
    }

    private void FindMissing(DirectWorker orders, StepNumber step)
    {
        taken.Clear();
        taken.AddRange(Done(step));
        foreach (Asked request in asked)
        {
            if (request.Step == step)
            {
                taken.Add(request.Range);
            }
        }

        // Audited ranges are nobody's parts: each is computed as a whole, by those whose it is.
        audited.Clear();
        foreach (AuditedRange audit in orders.Audits)
        {
            if (audit.Step == step && audit.IsMine && !taken.Contains(audit.Range))
            {
                audited.Add(audit.Range);
            }
        }

        foreach (AuditedRange audit in orders.Audits)
        {
            if (audit.Step == step)
            {
                taken.Add(audit.Range);
            }
        }

        pieces.Clear();
        foreach (SliceRange range in RangesAt(orders.Periods, step))
        {
            range.Without(taken, pieces);
        }

        pieces.AddRange(audited);

        pieces.RemoveAll(piece => piece.Rows(plan.RowsOf(step), plan.Slices) == 0);
    }

    private static IReadOnlyList<SliceRange> RangesAt(IReadOnlyList<AssignmentPeriod> periods, StepNumber step)
    {
        for (int i = periods.Count - 1; i >= 0; i--)
        {
            if (periods[i].From <= step)
            {
                return periods[i].Ranges;
            }
        }

        return [];
    }

    private List<SliceRange> Done(StepNumber step)
    {
        if (!done.TryGetValue(step, out List<SliceRange>? ranges))
        {
            done[step] = ranges = [];
        }

        return ranges;
    }

    private void Cancel(RunEpoch epoch, Outbox outbox)
    {
        asked.Clear();
        askedEvaluations.Clear();
        outbox.Add(new CancelComputations(epoch));
    }

    private sealed record Asked(StepNumber Step, SliceRange Range)
    {
        public HashSet<BlockId> Blocks { get; } = [];
    }
}
