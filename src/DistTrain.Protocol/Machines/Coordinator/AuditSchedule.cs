using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>
/// Which ranges of which steps two workers compute, and who. Drawn when the limit is moved past a step, so nobody can have begun it;
/// an audited range is computed as a whole by each of its workers and by nobody else, whatever becomes of the other ranges.
/// </summary>
/// <remarks>
/// Drawn by counter from (seed, step, range), so that what is audited can be told afterwards, and by share alone: it decides who
/// computes what and never a bit of the weights.
/// </remarks>
internal sealed class AuditSchedule(double share, ulong seed, RunPlan plan)
{
    private static readonly uint Drawn = Philox.Stream("audit/range");
    private static readonly uint Chosen = Philox.Stream("audit/worker");

    // Of steps that are not committed. Invariant: ranges of a step are disjoint; each has a worker that computes it.
    private readonly SortedDictionary<(StepNumber Step, SliceRange Range), List<MachineId>> open = [];

    /// <summary>Sums of steps before this one need no second value: there was nobody to compute it.</summary>
    public StepNumber Unaudited { get; private set; }

    /// <summary>Whether ranges should be audited and there is nobody to do it.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Ranges of committed steps whose two values were equal.</summary>
    public long Confirmed { get; set; }

    /// <summary>A run epoch begins.</summary>
    public void Begin()
    {
        open.Clear();
        Unaudited = default;
    }

    /// <summary>Steps that nobody may have begun until now: draws what is audited of them, and by whom.</summary>
    /// <param name="from">The first of them.</param>
    /// <param name="to">The first that still may not be begun.</param>
    /// <param name="workers">Who gets ranges, ascending.</param>
    /// <param name="rangesAt">A worker's ranges at a step.</param>
    public void Draw(StepNumber from, StepNumber to, IReadOnlyList<WorkerSpeed> workers, Func<MachineId, StepNumber, IReadOnlyList<SliceRange>> rangesAt)
    {
        IsPaused = share > 0 && workers.Count < 2;
        for (StepNumber step = from; step < to && share > 0 && !IsPaused; step = step.Next)
        {
            var loads = workers.ToDictionary(worker => worker.Worker, worker => rangesAt(worker.Worker, step).Sum(range => range.Count));
            foreach (MachineId owner in workers.Select(worker => worker.Worker))
            {
                foreach (SliceRange range in rangesAt(owner, step).Order())
                {
                    if (IsDrawn(step, range) && !open.Keys.Any(key => key.Step == step && (key.Range.Contains(range) || range.Contains(key.Range))))
                    {
                        MachineId auditor = Choose(
                            step, range, [.. workers.Where(worker => worker.Worker != owner).Select(worker => (worker.Worker, worker.TimeFor(loads[worker.Worker] + range.Count)))]);
                        loads[auditor] += range.Count;
                        open.Add((step, range), [owner, auditor]);
                    }
                }
            }
        }
    }

    /// <summary>Workers came or went: who is gone is replaced; what only one can compute is audited no more.</summary>
    /// <param name="limit">First step that nobody may have begun.</param>
    /// <param name="workers">All who still compute what they have.</param>
    /// <param name="staying">Those of them that get more.</param>
    /// <param name="isDisputed">Whether a range's values differ: then it must be decided.</param>
    public void Change(
        StepNumber limit, IReadOnlyCollection<MachineId> workers, IReadOnlyCollection<MachineId> staying, Func<StepNumber, SliceRange, bool> isDisputed)
    {
        foreach (((StepNumber step, SliceRange range), List<MachineId> computing) in open.ToList())
        {
            computing.RemoveAll(worker => !workers.Contains(worker));
            IReadOnlyCollection<MachineId> candidates = computing.Count < 2 ? workers : staying;
            if (computing.Count(staying.Contains) < 2 && Another(step, range, computing, candidates, staying) is { } another)
            {
                computing.Add(another);
            }
            else if (computing.Count < 2 && !isDisputed(step, range))
            {
                open.Remove((step, range));
                Unaudited = limit;
                IsPaused = true;
            }
        }
    }

    /// <summary>A worker is late: somebody else computes its audited ranges too, and the first two values that are equal win.</summary>
    public void Back(MachineId worker, IReadOnlyList<MachineId> helpers)
    {
        foreach (((StepNumber step, SliceRange range), List<MachineId> computing) in open)
        {
            if (computing.Contains(worker) && computing.Count < 3 && Another(step, range, computing, helpers, helpers) is { } another)
            {
                computing.Add(another);
            }
        }
    }

    /// <summary>Two values differ: somebody else must compute the range.</summary>
    /// <param name="finding">Who computed it.</param>
    /// <param name="workers">All who compute.</param>
    /// <param name="staying">Those of them that get more.</param>
    /// <returns>True when somebody was added, false when somebody was there already; null when nobody is left.</returns>
    public bool? Arbitrate(AuditFinding finding, IReadOnlyCollection<MachineId> workers, IReadOnlyCollection<MachineId> staying)
    {
        if (!open.TryGetValue((finding.Step, finding.Range), out List<MachineId>? computing))
        {
            open[(finding.Step, finding.Range)] = computing = [];
        }

        if (computing.Exists(worker => workers.Contains(worker) && !finding.Workers.Contains(worker.Number)))
        {
            return false;
        }

        List<MachineId> heard = [.. finding.Workers.Select(MachineId.Worker)];
        if (Another(finding.Step, finding.Range, [.. computing, .. heard], workers, staying) is not { } third)
        {
            return null;
        }

        computing.Add(third);
        return true;
    }

    /// <summary>The audited ranges of all steps that are open, as a worker is told.</summary>
    public IReadOnlyList<AuditedRange> For(MachineId worker) =>
        [.. open.Select(audit => new AuditedRange(audit.Key.Step, audit.Key.Range, audit.Value.Contains(worker)))];

    /// <summary>Whether a worker computes audited ranges of a step; null: of any.</summary>
    public bool Has(MachineId worker, StepNumber? step = null) =>
        open.Any(audit => (step is null || audit.Key.Step == step) && audit.Value.Contains(worker));

    /// <summary>Steps before this one are committed.</summary>
    public void Forget(StepNumber committed)
    {
        foreach ((StepNumber Step, SliceRange Range) key in open.Keys.TakeWhile(key => key.Step < committed).ToList())
        {
            open.Remove(key);
            Confirmed++;
        }
    }

    private bool IsDrawn(StepNumber step, SliceRange range) =>
        range.Rows(plan.RowsOf(step), plan.Slices) > 0 && Philox.Uniform(seed, range.First, (uint)range.Count, (uint)step.Value, Drawn) < share;

    private MachineId? Another(
        StepNumber step, SliceRange range, List<MachineId> except, IReadOnlyCollection<MachineId> workers, IReadOnlyCollection<MachineId> staying)
    {
        List<MachineId> candidates = [.. staying.Except(except)];
        candidates = candidates.Count > 0 ? candidates : [.. workers.Except(except)];
        return candidates.Count == 0 ? null : Choose(
            step, range, [.. candidates.Order().Select(worker => (worker, (long)open.Count(audit => audit.Key.Step == step && audit.Value.Contains(worker))))]);
    }

    /// <summary>Of those that would be done first any, by counter.</summary>
    private MachineId Choose(StepNumber step, SliceRange range, List<(MachineId Worker, long Time)> candidates)
    {
        long least = candidates.Min(candidate => candidate.Time);
        List<MachineId> idlest = [.. candidates.Where(candidate => candidate.Time == least).Select(candidate => candidate.Worker)];
        return idlest[(int)(Philox.Uniform(seed, range.First, (uint)range.Count, (uint)step.Value, Chosen) * idlest.Count)];
    }
}
