namespace DistTrain.Protocol;

/// <content>Watching: machines that are lost, silent or standing still.</content>
public sealed partial class CoordinatorMachine
{
    private void Lose(MachineId lost, string reason, Outbox outbox)
    {
        gone.Add(lost);
        placedOn.Remove(lost);
        if (members.Remove(lost, out Member? member))
        {
            droppedSamples += member.DroppedSamples;
            outbox.Report(new MemberGone(lost, reason));
        }

        if (phase == RunPhase.Gathering)
        {
            collection.Lose(lost);
            BeginWhenGathered(outbox);
        }
        else if (phase == RunPhase.Running && lost.Role == MachineRole.Server && Needs(lost))
        {
            EndEpoch(outbox);
        }
        else if (phase == RunPhase.Running && lost.Role == MachineRole.Worker && member is not null)
        {
            Reassign();
            rescuedStep = new StepNumber(-1);
            progressTick = tick;
            Direct(outbox);
        }
    }

    /// <summary>What time brings: repeat orders, and give up on machines that are silent or stand still.</summary>
    private void Watch(Outbox outbox)
    {
        StoreAgain(outbox);
        Arbitrate(outbox);
        foreach ((MachineId id, Member member) in members.ToList())
        {
            bool standsStill = options.ProgressTicks > 0 && tick - progressTick > options.ProgressTicks && IsAwaited(id, member);
            if (tick - member.HeardTick > options.SilenceTicks)
            {
                Lose(id, $"not heard of for {tick - member.HeardTick} ticks", outbox);
            }
            else if (standsStill)
            {
                Lose(id, $"held up {log.First.Before} for {tick - progressTick} ticks", outbox);
            }
            else if (tick - member.HeardTick > MissedReportsMax * options.ReportTicks && !member.IsSilent)
            {
                Silence(id, member, isSilent: true, outbox);
            }
            else if (member.OrderSeen < (phase == RunPhase.Gathering ? member.Dismissed : order) && tick - member.OrderedTick >= options.RetryTicks)
            {
                // Who was told to stop must hear it between run epochs too: nobody else answers it.
                Send(id, member, outbox);
            }
            else if (phase == RunPhase.Gathering && !IsFirstOfAll && id.Role == MachineRole.Server && !collection.Has(id) && tick - member.OrderedTick >= options.RetryTicks)
            {
                Ask(id, member, outbox);
            }
        }

        WatchLateness(outbox);
        BeginWhenGathered(outbox);
    }

    /// <summary>Whether the run cannot go on without what this worker owes: ranges of the open step, or evaluation batches.</summary>
    private bool IsAwaited(MachineId id, Member member)
    {
        if (phase != RunPhase.Running || id.Role != MachineRole.Worker)
        {
            return false;
        }

        return log.First.Before < limit
            ? member.Accepted <= log.First && (ranges.At(id, log.First).Count > 0 || audits.Has(id, log.First))
            : round is not null && round.For(id).Count > 0;
    }
}
