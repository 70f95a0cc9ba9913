namespace DistTrain.Protocol;

/// <content>
/// Late is not lost: when a step takes noticeably longer than it should, ranges of workers that owe some are computed by idle ones
/// too, and the first value wins. A suspicion does the same at once.
/// </content>
public sealed partial class CoordinatorMachine
{
    private const int StepTicksMax = 7;

    /// <summary>Reports a worker may miss before it is treated as suspected.</summary>
    private const int MissedReportsMax = 3;

    // Newest steps that were committed together, and the ticks that took; the median is what a step should take.
    private readonly Queue<(long Ticks, long Steps)> stepTicks = new();
    private StepNumber rescuedStep = new(-1);

    /// <summary>Steps were committed after this many ticks.</summary>
    private void NoteStepTicks(long ticks, long steps)
    {
        stepTicks.Enqueue((ticks, steps));
        if (stepTicks.Count > StepTicksMax)
        {
            stepTicks.Dequeue();
        }
    }

    /// <summary>How far the limit is moved: in steps, or further where <see cref="ProtocolOptions.LeashTicks"/> are more of them.</summary>
    private long Leash
    {
        get
        {
            long ticks = Math.Max(1, stepTicks.Sum(taken => taken.Ticks));
            long quick = options.LeashTicks * stepTicks.Sum(taken => taken.Steps) / ticks;
            return Math.Max(options.LeashSteps, Math.Min(quick, ProtocolLimits.QuickLeashStepsMax));
        }
    }

    private void Suspect(MachineId id, bool isSuspected, Outbox outbox)
    {
        if (id.Role == MachineRole.Worker && members.TryGetValue(id, out Member? member) && member.IsSuspected != isSuspected)
        {
            bool was = member.IsDoubtful;
            member.IsSuspected = isSuspected;
            Doubt(id, member, was, outbox);
        }
    }

    private void Silence(MachineId id, Member member, bool isSilent, Outbox outbox)
    {
        if (id.Role == MachineRole.Worker && member.IsSilent != isSilent)
        {
            bool was = member.IsDoubtful;
            member.IsSilent = isSilent;
            Doubt(id, member, was, outbox);
        }
    }

    /// <summary>Whether a worker can be relied on has changed: it gets ranges from the limit on, or none; until then others help.</summary>
    private void Doubt(MachineId id, Member member, bool wasDoubtful, Outbox outbox)
    {
        if (phase == RunPhase.Running && member.IsDoubtful != wasDoubtful)
        {
            Reassign();
            if (member.IsDoubtful)
            {
                Back(id, member, Reliable(), member.IsSuspected ? "is suspected" : "is silent", outbox);
            }

            Direct(outbox);
        }
    }

    /// <summary>Looks for workers that hold up the open step.</summary>
    private void WatchLateness(Outbox outbox)
    {
        if (phase != RunPhase.Running || options.LateTicks == 0)
        {
            return;
        }

        if (log.First.Before >= limit)
        {
            WatchEvaluation(outbox);
            return;
        }

        if (ExpectedTicks() is not { } expected)
        {
            return;
        }

        long allowed = (2 * expected) + options.LateTicks;
        long taken = tick - progressTick;
        if (taken <= allowed)
        {
            return;
        }

        bool changed = false;
        foreach (MachineId id in Workers.Where(Owes))
        {
            Member member = members[id];

            // Who helps others has more to do, and those who wait for it wait for what it helps with.
            if (member.BackedUntil <= log.First && (!ranges.IsHelping(id, log.First) || taken > 2 * allowed))
            {
                if (Back(id, member, Idle(), $"takes {taken} ticks instead of {expected}", outbox))
                {
                    member.Pace.WasLate();
                    changed = true;
                }
            }
        }

        if (taken > 2 * allowed && rescuedStep != log.First)
        {
            rescuedStep = log.First;
            changed |= Rescue();
        }

        if (changed)
        {
            Reassign();
            Direct(outbox);
        }
    }

    /// <summary>Batches that are missing when others have long been done with theirs are evaluated by those too, ever more rarely.</summary>
    private void WatchEvaluation(Outbox outbox)
    {
        if (round is null)
        {
            return;
        }

        round.BeganTick ??= tick;
        if (round.ExpectedTicks() is { } expected
            && tick - round.BeganTick > ((2 * expected) + options.LateTicks) << round.Backups
            && round.Back(Reliable()))
        {
            Direct(outbox);
        }
    }

    /// <summary>
    /// Ticks that the open step should take: what those who are done with it took, if they are the half, and what steps took before.
    /// Null when neither is known.
    /// </summary>
    private long? ExpectedTicks()
    {
        List<MachineId> computing = [.. Workers.Where(id => ranges.At(id, log.First).Count > 0)];
        List<long> done = [.. computing.Where(id => !Owes(id)).Select(id => Math.Max(0, members[id].AcceptedTick - progressTick))];
        long? before = WorkerPace.Median([.. stepTicks.Select(taken => taken.Ticks / taken.Steps)]);
        long? now = 2 * done.Count >= computing.Count ? WorkerPace.Median(done) : null;
        return before is null ? now : Math.Max(before.Value, now ?? 0);
    }

    private bool Owes(MachineId id) =>
        members[id].Accepted <= log.First && (ranges.At(id, log.First).Count > 0 || audits.Has(id, log.First));

    /// <summary>Others compute a worker's ranges too, in every step that may have begun.</summary>
    private bool Back(MachineId id, Member member, List<WorkerSpeed> helpers, string reason, Outbox outbox)
    {
        helpers.RemoveAll(helper => helper.Worker == id);
        if (helpers.Count == 0 || log.First.Before >= limit)
        {
            return false;
        }

        member.BackedUntil = limit.Step;
        ranges.Cover(id, log.First, limit.Step, helpers);
        audits.Back(id, [.. helpers.Select(helper => helper.Worker)]);
        outbox.Report(new RangesBacked(log.First, id, [.. helpers.Select(helper => helper.Worker)], reason));
        return true;
    }

    /// <summary>Helpers stand still too: everybody who is idle computes everything that may be missing of the open step.</summary>
    private bool Rescue()
    {
        List<WorkerSpeed> helpers = Idle();
        foreach (MachineId late in Workers.Where(id => Owes(id) || members[id].BackedUntil > log.First))
        {
            helpers.ForEach(helper => ranges.Back(late, log.First, helper.Worker));
        }

        return helpers.Count > 0;
    }

    /// <summary>Workers that owe nothing of the open step.</summary>
    private List<WorkerSpeed> Idle() => [.. Reliable().Where(worker => !Owes(worker.Worker))];

    /// <summary>Workers that may be given more to do; slow ones only when there are no others.</summary>
    private List<WorkerSpeed> Reliable()
    {
        List<WorkerSpeed> all = SpeedsOf([.. Staying(Workers).Where(id => !members[id].IsDoubtful)]);
        List<WorkerSpeed> fast = [.. all.Where(worker => worker.Percent >= 50)];
        return fast.Count > 0 ? fast : all;
    }
}
