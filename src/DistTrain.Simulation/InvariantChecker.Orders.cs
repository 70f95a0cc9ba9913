using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>
/// Orders to workers: of a step that may have begun no range is ever taken away, and nobody has a slice twice. The values could not
/// show it, for any assignment gives the same sum; but work would be thrown away, and one who is late could lose what only he has.
/// </content>
internal sealed partial class InvariantChecker
{
    private readonly Dictionary<MachineId, DirectWorker> ordered = [];

    private void CheckOrders(MachineId worker, DirectWorker direct)
    {
        Require(
            direct.Ended || direct.Periods.Count == 0 || direct.Periods[0].From <= direct.Committed,
            $"orders to {worker} begin with a later period than {direct.Committed}, which is open");
        foreach (AssignmentPeriod period in direct.Periods)
        {
            foreach (SliceRange range in period.Ranges)
            {
                Require(range.IsNodeOf(plan.Slices), $"{worker} is given {range} from {period.From} on");
                Require(period.Ranges.Count(other => other.Contains(range)) == 1, $"{worker} is given {range} twice from {period.From} on");
            }
        }

        if (ordered.TryGetValue(worker, out DirectWorker? before) && before.Epoch == direct.Epoch && !direct.Ended)
        {
            for (StepNumber step = direct.Committed; step < before.Limit; step = step.Next)
            {
                IReadOnlyList<SliceRange> given = RangesAt(direct, step);
                foreach (SliceRange range in RangesAt(before, step))
                {
                    List<SliceRange> missing = [];
                    range.Without([.. given], missing);
                    Require(missing.Count == 0, $"{range} of {step}, which may have begun, is taken away from {worker}");
                }
            }
        }

        ordered[worker] = direct;
    }

    private static IReadOnlyList<SliceRange> RangesAt(DirectWorker direct, StepNumber step) =>
        direct.Periods.LastOrDefault(period => period.From <= step)?.Ranges ?? [];
}
