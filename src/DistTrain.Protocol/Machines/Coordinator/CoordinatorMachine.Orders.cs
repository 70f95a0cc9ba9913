namespace DistTrain.Protocol;

/// <content>What members are told, and the end.</content>
public sealed partial class CoordinatorMachine
{
    private void Complete(Outbox outbox)
    {
        outbox.Report(new RunCompleted(
            log.First.Before, log.First.Before < plan.End, log.CommittedSamples, droppedSamples + members.Values.Sum(member => member.DroppedSamples),
            Result)
        {
            AuditedRanges = audits.Confirmed,
        });
        End(outbox);
    }

    private void Fail(string reason, StepFailure? failure, Outbox outbox)
    {
        if (phase != RunPhase.Ended)
        {
            outbox.Report(new RunFailed(reason, failure));
            End(outbox);
        }
    }

    private void End(Outbox outbox)
    {
        if (phase == RunPhase.Gathering)
        {
            // Whoever has been asked what it has acts upon nothing of the run epoch before.
            epoch = epoch.Next;
        }

        phase = RunPhase.Ended;
        round = null;
        checkpoints.Clear();
        Direct(outbox);
    }

    private void LeaveWhenEveryoneKnows(Outbox outbox)
    {
        if (phase == RunPhase.Ended && members.Values.All(member => member.OrderSeen >= order))
        {
            HasEnded = true;
            outbox.Add(new Leave("the run has ended", Refusal: null));
        }
    }

    /// <summary>The orders changed: everyone gets them.</summary>
    private void Direct(Outbox outbox)
    {
        if (phase == RunPhase.Gathering)
        {
            // Nobody acts upon orders of a run epoch that has ended; the next one's are new.
            return;
        }

        order++;
        TellPause(outbox);
        foreach ((MachineId id, Member member) in members)
        {
            Send(id, member, outbox);
        }
    }

    private void Send(MachineId id, Member member, Outbox outbox)
    {
        member.OrderedTick = tick;
        bool ended = phase == RunPhase.Ended || member.Dismissed is not null;
        outbox.Send(id, id.Role == MachineRole.Worker
            ? new DirectWorker(epoch, order, placement.Owners, log.First, limit.Step, ranges.For(id), round?.For(id) ?? [], ended)
            {
                Audits = audits.For(id),
            }
            : new DirectServer(
                epoch,
                order,
                placement.Owners,
                placement.Replicas,
                epochStart,
                [.. copies.Values],
                settled,
                new RunProgress(log.First, log.Totals, log.CommittedSamples, droppedSamples, stopping, steering.Progress)
                {
                    Epoch = epoch,
                    AuditedRanges = audits.Confirmed,
                    Wrong = [.. wrong],
                },
                checkpoints.Open,
                [.. Workers.Select(worker => worker.Number)],
                limit.Step,
                steering.State.RateFactor,
                ended)
            {
                Unaudited = audits.Unaudited,
            });
    }
}
