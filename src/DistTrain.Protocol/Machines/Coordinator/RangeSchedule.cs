namespace DistTrain.Protocol;

/// <summary>
/// Which worker computes which ranges in which steps: periods that stand until replaced. A planned change begins at the limit,
/// beyond what anybody may have begun, so it costs nothing; a loss changes open steps too, and only the lost ranges move.
/// </summary>
/// <remarks>Invariant: a range of a step below the limit is never taken away from a member; others may get it too.</remarks>
internal sealed class RangeSchedule
{
    /// <summary>
    /// A step must become this much shorter by balancing anew. Below it lie noise, and what a second range costs a worker.
    /// </summary>
    private const int MarginPercent = 20;

    private readonly int slices;
    private readonly List<Period> periods = [];
    private readonly BackupRanges backups = new();

    public RangeSchedule(int slices) => this.slices = slices;

    /// <summary>Begins anew with one balanced period.</summary>
    public void Begin(StepNumber from, IReadOnlyList<WorkerSpeed> workers)
    {
        periods.Clear();
        backups.Clear();
        periods.Add(Balanced(from, workers));
    }

    /// <summary>After members came or went: the ranges of machines that are no members go to members; balance begins at <paramref name="limit"/>.</summary>
    /// <param name="committed">First step that is not committed.</param>
    /// <param name="limit">First step that nobody may have begun.</param>
    /// <param name="workers">All who still compute what they have.</param>
    /// <param name="staying">Those of them that get ranges.</param>
    public void Change(StepNumber committed, StepNumber limit, IReadOnlyCollection<MachineId> workers, IReadOnlyList<WorkerSpeed> staying)
    {
        Forget(committed);
        backups.Forget(committed, helper => !workers.Contains(helper));
        if (workers.Count == 0)
        {
            return;
        }

        foreach (Period period in periods)
        {
            Heal(period, workers, staying);
        }

        periods.RemoveAll(period => period.From >= limit && period.From > committed);
        periods.Add(Balanced(limit, staying));
    }

    /// <summary>Balances from <paramref name="limit"/> on if that makes steps noticeably shorter; false when all stays as it is.</summary>
    public bool Rebalance(StepNumber limit, IReadOnlyList<WorkerSpeed> workers)
    {
        // Mostly even slices of any fraction would not help enough; that is seen without looking for ranges.
        long present = periods[^1].TimeOf(workers) * 100;
        long ideal = slices * 100_000L / Math.Max(1, workers.Sum(worker => worker.Percent));
        if (present <= ideal * (100 + MarginPercent))
        {
            return false;
        }

        Period balanced = Balanced(limit, workers);
        if (present <= balanced.TimeOf(workers) * (100 + MarginPercent))
        {
            return false;
        }

        periods.RemoveAll(period => period.From >= limit);
        periods.Add(balanced);
        return true;
    }

    /// <summary>Gives a worker's ranges in some steps to others too, cut so that all can help.</summary>
    /// <param name="worker">Keeps what it has.</param>
    /// <param name="from">First step.</param>
    /// <param name="until">The step after the last.</param>
    /// <param name="helpers">Not the worker itself.</param>
    public void Cover(MachineId worker, StepNumber from, StepNumber until, IReadOnlyList<WorkerSpeed> helpers)
    {
        for (int i = 0; i < periods.Count; i++)
        {
            StepNumber first = periods[i].From > from ? periods[i].From : from;
            StepNumber end = i + 1 < periods.Count && periods[i + 1].From < until ? periods[i + 1].From : until;
            if (first < end)
            {
                Deal(
                    periods[i].RangesOf(worker),
                    helpers,
                    helper => At(helper, first).Sum(range => range.Count) + backups.At(helper, first).Sum(range => range.Count),
                    (helper, range) => backups.Add(first, end, helper, range));
            }
        }
    }

    /// <summary>Gives all of a worker's ranges in a step to a helper too.</summary>
    public void Back(MachineId worker, StepNumber step, MachineId helper)
    {
        foreach (SliceRange range in At(worker, step))
        {
            backups.Add(step, step.Next, helper, range);
        }
    }

    /// <summary>Lets an idle worker compute a slice that another one has too, in one step, so that it can be measured.</summary>
    public void Probe(MachineId worker, StepNumber step) => backups.Add(step, step.Next, worker, new SliceRange(slices - 1, 1));

    /// <summary>Steps before <paramref name="committed"/> are of no interest any more.</summary>
    public void Forget(StepNumber committed)
    {
        while (periods.Count > 1 && periods[1].From <= committed)
        {
            periods.RemoveAt(0);
        }

        backups.Forget(committed, static _ => false);
    }

    /// <summary>All that a worker computes, in all steps: its ranges, and after them those it backs.</summary>
    public IReadOnlyList<AssignmentPeriod> For(MachineId worker)
    {
        List<AssignmentPeriod> all = [];
        IEnumerable<StepNumber> bounds = backups.Bounds(worker).Where(step => step > periods[0].From);
        foreach (StepNumber from in periods.Select(period => period.From).Concat(bounds).Distinct().Order())
        {
            List<SliceRange> ranges = [.. At(worker, from)];
            foreach (SliceRange backup in backups.At(worker, from))
            {
                backup.Without([.. ranges], ranges);
            }

            all.Add(new AssignmentPeriod(from, ranges));
        }

        return all;
    }

    /// <summary>A worker's ranges at a step, without those it backs.</summary>
    public IReadOnlyList<SliceRange> At(MachineId worker, StepNumber step) =>
        periods.LastOrDefault(period => period.From <= step)?.RangesOf(worker) ?? [];

    /// <summary>Whether a worker computes ranges of others at a step.</summary>
    public bool IsHelping(MachineId worker, StepNumber step) => backups.At(worker, step).Any();

    private Period Balanced(StepNumber from, IReadOnlyList<WorkerSpeed> workers)
    {
        var period = new Period(from);
        List<WorkerSpeed> inOrder = [.. workers.OrderBy(worker => worker.Worker)];
        SliceRange[][] ranges = RangeAssignment.Balance(slices, [.. inOrder.Select(worker => worker.Percent)]);
        foreach ((WorkerSpeed worker, SliceRange[] own) in inOrder.Zip(ranges))
        {
            period.Ranges[worker.Worker] = [.. own];
        }

        return period;
    }

    /// <summary>Gives orphaned ranges of a period to heirs.</summary>
    private static void Heal(Period period, IReadOnlyCollection<MachineId> workers, IReadOnlyList<WorkerSpeed> heirs)
    {
        List<SliceRange> orphans = [];
        foreach (MachineId gone in period.Ranges.Keys.Except(workers).ToList())
        {
            orphans.AddRange(period.Ranges[gone]);
            period.Ranges.Remove(gone);
        }

        Deal(orphans, heirs, heir => period.RangesOf(heir).Sum(range => range.Count), (heir, orphan) =>
        {
            if (!period.Ranges.TryGetValue(heir, out List<SliceRange>? ranges))
            {
                period.Ranges[heir] = ranges = [];
            }

            ranges.Add(orphan);
        });
    }

    /// <summary>Cuts ranges until everyone can have one, and gives each, largest first, to the worker that would be done with it first.</summary>
    private static void Deal(
        IReadOnlyList<SliceRange> ranges, IReadOnlyList<WorkerSpeed> helpers, Func<MachineId, int> loadOf, Action<MachineId, SliceRange> give)
    {
        List<SliceRange> pieces = [.. ranges];
        while (pieces.Count > 0 && pieces.Count < helpers.Count && pieces.Max(range => range.Count) > 1)
        {
            SliceRange largest = pieces.MaxBy(range => range.Count);
            pieces.Remove(largest);
            pieces.AddRange([largest.LeftHalf, largest.RightHalf]);
        }

        foreach (SliceRange piece in pieces.OrderByDescending(range => range.Count).ThenBy(range => range.First))
        {
            WorkerSpeed helper = helpers.MinBy(worker => (worker.TimeFor(loadOf(worker.Worker) + piece.Count), worker.Worker.Number));
            give(helper.Worker, piece);
        }
    }

    private sealed class Period(StepNumber from)
    {
        public StepNumber From { get; } = from;

        public SortedDictionary<MachineId, List<SliceRange>> Ranges { get; } = [];

        public IReadOnlyList<SliceRange> RangesOf(MachineId worker) =>
            Ranges.TryGetValue(worker, out List<SliceRange>? ranges) ? [.. ranges] : [];

        /// <summary>When the slowest worker is done (<see cref="WorkerSpeed.TimeFor"/>).</summary>
        public long TimeOf(IReadOnlyList<WorkerSpeed> workers) =>
            workers.Count == 0 ? 0 : workers.Max(worker => worker.TimeFor(RangesOf(worker.Worker).Sum(range => range.Count)));
    }
}
