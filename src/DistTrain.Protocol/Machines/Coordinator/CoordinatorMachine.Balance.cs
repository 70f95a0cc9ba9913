namespace DistTrain.Protocol;

/// <content>Ranges by measured speed: estimates, when to balance anew, and how a worker without ranges is measured again.</content>
public sealed partial class CoordinatorMachine
{
    /// <summary>Committed steps between two slices given to an idle worker only to measure it: each costs one push that is dropped.</summary>
    private const int ProbeSteps = 16;

    /// <summary>Steps with measurements of the newest assignment before another one may replace it.</summary>
    private const int BalancedSteps = 2;

    private StepNumber balancedFrom;

    /// <summary>Speeds of some workers. One that was never measured counts as typical; when nobody was, all are equal.</summary>
    private List<WorkerSpeed> SpeedsOf(List<MachineId> workers)
    {
        long typical = TypicalNanoseconds ?? 1;
        List<double> paces = [.. workers.Select(id => members[id].Pace.Expected(typical))];
        double fastest = paces.DefaultIfEmpty(1).Min();

        // Below half a percent of the fastest, a slice of the largest V would hold up everybody.
        return [.. workers.Zip(paces, (id, pace) => new WorkerSpeed(id, (int)Math.Round(100 * fastest / pace)))];
    }

    private long? TypicalNanoseconds =>
        WorkerPace.Median([.. Workers.Where(id => members[id].Pace.Nanoseconds is not null).Select(id => members[id].Pace.Nanoseconds!.Value)]);

    /// <summary>
    /// Before the limit moves, the first step that nobody may have begun is the old limit: from there on ranges can move for
    /// nothing, in the same orders.
    /// </summary>
    private void Rebalance(Outbox outbox)
    {
        List<MachineId> staying = Staying(Workers);
        if (staying.Count == 0)
        {
            return;
        }

        List<WorkerSpeed> speeds = SpeedsOf(staying);
        if (log.First.Value >= balancedFrom.Value + BalancedSteps && ranges.Rebalance(limit.Step, speeds))
        {
            balancedFrom = limit.Step;
            outbox.Report(new RangesBalanced(limit.Step, speeds));
        }

        Probe(staying);
    }

    /// <summary>
    /// A worker that became so slow that it has no ranges is given one slice of a step now and then, which another one has too: nothing
    /// waits for it, and if it is done in time, that is its new speed. If not, it is still too slow.
    /// </summary>
    private void Probe(List<MachineId> staying)
    {
        foreach (MachineId id in staying)
        {
            Member member = members[id];
            bool isDue = member.Pace.IsKnown && limit.Value >= member.ProbedAt.Value + ProbeSteps;
            if (isDue && ranges.At(id, limit.Step).Count == 0)
            {
                member.ProbedAt = limit.Step;
                member.Pace.Anew();
                ranges.Probe(id, limit.Step);
            }
        }
    }
}
