namespace DistTrain.Protocol;

/// <summary>
/// Which worker computes which ranges in which steps: periods that stand until replaced. A planned change begins at the limit,
/// beyond what anybody may have begun, so it costs nothing; a loss changes open steps too, and only the lost ranges move.
/// </summary>
internal sealed class RangeSchedule
{
    private readonly int slices;
    private readonly List<Period> periods = [];

    public RangeSchedule(int slices) => this.slices = slices;

    /// <summary>Begins anew with one balanced period.</summary>
    public void Begin(StepNumber from, IReadOnlyCollection<MachineId> workers)
    {
        periods.Clear();
        periods.Add(Balanced(from, workers));
    }

    /// <summary>After members came or went: the ranges of machines that are no members go to members; balance begins at <paramref name="limit"/>.</summary>
    /// <param name="committed">First step that is not committed.</param>
    /// <param name="limit">First step that nobody may have begun.</param>
    /// <param name="workers">All who still compute what they have.</param>
    /// <param name="staying">Those of them that get ranges.</param>
    public void Change(StepNumber committed, StepNumber limit, IReadOnlyCollection<MachineId> workers, IReadOnlyCollection<MachineId> staying)
    {
        Forget(committed);
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

    /// <summary>Steps before <paramref name="committed"/> are of no interest any more.</summary>
    public void Forget(StepNumber committed)
    {
        while (periods.Count > 1 && periods[1].From <= committed)
        {
            periods.RemoveAt(0);
        }
    }

    /// <summary>A worker's ranges of all periods.</summary>
    public IReadOnlyList<AssignmentPeriod> For(MachineId worker) =>
        [.. periods.Select(period => new AssignmentPeriod(period.From, period.RangesOf(worker)))];

    /// <summary>A worker's ranges at a step.</summary>
    public IReadOnlyList<SliceRange> At(MachineId worker, StepNumber step) =>
        periods.LastOrDefault(period => period.From <= step)?.RangesOf(worker) ?? [];

    private Period Balanced(StepNumber from, IReadOnlyCollection<MachineId> workers)
    {
        var period = new Period(from);
        SliceRange[][] ranges = RangeAssignment.Balance(slices, workers.Count);
        foreach ((MachineId worker, SliceRange[] own) in workers.Order().Zip(ranges))
        {
            period.Ranges[worker] = [.. own];
        }

        return period;
    }

    /// <summary>Cuts orphaned ranges until everyone can have one, and gives each, largest first, to the worker with the fewest slices.</summary>
    private static void Heal(Period period, IReadOnlyCollection<MachineId> workers, IReadOnlyCollection<MachineId> heirs)
    {
        List<SliceRange> orphans = [];
        foreach (MachineId gone in period.Ranges.Keys.Except(workers).ToList())
        {
            orphans.AddRange(period.Ranges[gone]);
            period.Ranges.Remove(gone);
        }

        while (orphans.Count > 0 && orphans.Count < heirs.Count && orphans.Max(range => range.Count) > 1)
        {
            SliceRange largest = orphans.MaxBy(range => range.Count);
            orphans.Remove(largest);
            orphans.AddRange([largest.LeftHalf, largest.RightHalf]);
        }

        foreach (SliceRange orphan in orphans.OrderByDescending(range => range.Count).ThenBy(range => range.First))
        {
            MachineId heir = heirs.MinBy(worker => (period.RangesOf(worker).Sum(range => range.Count), worker.Number));
            if (!period.Ranges.TryGetValue(heir, out List<SliceRange>? ranges))
            {
                period.Ranges[heir] = ranges = [];
            }

            ranges.Add(orphan);
        }
    }

    private sealed class Period(StepNumber from)
    {
        public StepNumber From { get; } = from;

        public SortedDictionary<MachineId, List<SliceRange>> Ranges { get; } = [];

        public IReadOnlyList<SliceRange> RangesOf(MachineId worker) =>
            Ranges.TryGetValue(worker, out List<SliceRange>? ranges) ? [.. ranges] : [];
    }
}
