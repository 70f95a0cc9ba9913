namespace DistTrain.Protocol;

/// <content>What members say, and who may say it.</content>
public sealed partial class CoordinatorMachine
{
    private void Receive(MachineId from, Message message, Outbox outbox)
    {
        if (gone.Contains(from))
        {
            bool isWrong = from.Role == MachineRole.Worker && wrong.Contains(from.Number);
            outbox.Send(from, isWrong
                ? new Refused(epoch, RefusalReason.ComputesWrong, $"{from} computes wrong: its sums differ from two others'")
                : new Refused(epoch, RefusalReason.TakenForLost, $"{from} was taken for lost; join again under a new number"));
            return;
        }

        if (message.Epoch.Term > epoch.Term)
        {
            HasEnded = true;
            outbox.Add(new Leave($"the coordinator of {message.Epoch} has taken over", RefusalReason.StaleEpoch));
            return;
        }

        if (members.TryGetValue(from, out Member? member))
        {
            member.HeardTick = tick;
        }
        else if (message.Epoch.Term < epoch.Term && message is WorkerReported or ServerReported)
        {
            // Admitted by a coordinator before this one.
            Admit(from, outbox);
            return;
        }

        switch (message)
        {
            case JoinRun join:
                Join(from, member, join, outbox);
                break;
            case WorkerReported report when member is not null && report.Epoch == epoch:
                Hear(from, member, report, outbox);
                Silence(from, member, isSilent: false, outbox);
                break;
            case ServerReported report when member is not null && report.Epoch == epoch:
                Hear(from, member, report, outbox);
                break;
            case GradientMeasured measured when member is not null && measured.Epoch == epoch && phase == RunPhase.Running:
                clipping?.Take(from, measured, placement.OwningServers(), outbox);
                break;
            case BlocksCollected answer when member is not null:
                Hear(from, answer, outbox);
                break;
            case BlocksUnreadable told when member is not null && told.Epoch == epoch:
                Hear(told, outbox);
                break;
            case LeaveRun when member is not null:
                Leaves(from, member, outbox);
                break;
        }

        if (member?.Dismissed is not null)
        {
            Depart(from, member, outbox);
        }
    }

    private void Hear(MachineId id, Member worker, WorkerReported report, Outbox outbox)
    {
        worker.OrderSeen = Math.Max(worker.OrderSeen, report.OrderSeen);
        worker.Pace.Take(report.Work);
        if (report.Accepted > worker.Accepted)
        {
            worker.Accepted = report.Accepted;
            worker.AcceptedTick = tick;
        }

        if (round is not null)
        {
            foreach (EvaluationResult result in report.Results)
            {
                if (round.Take(id, result, tick))
                {
                    progressTick = tick;
                }
            }

            Proceed(outbox);
        }
    }

    private void Hear(MachineId server, Member member, ServerReported report, Outbox outbox)
    {
        member.OrderSeen = Math.Max(member.OrderSeen, report.OrderSeen);
        member.Applied = report.Applied > member.Applied ? report.Applied : member.Applied;
        if (phase != RunPhase.Running)
        {
            return;
        }

        if (report.Failure is { } failure)
        {
            Fail(failure.Text, failure, outbox);
            return;
        }

        Examine(member, report, outbox);
        if (phase != RunPhase.Running)
        {
            return;
        }

        log.Take(report.Statistics);
        if (server == placement.OwnerOf(new BlockId(0)))
        {
            member.DroppedSamples = Math.Max(member.DroppedSamples, report.DroppedSamples);
        }

        foreach (ShardOutcome outcome in report.Shards)
        {
            if (checkpoints.Take(server, outcome, report.OrderSeen) is { } reason)
            {
                Settled(outcome.Version, reason, outbox);
                ordersChanged = true;
            }
        }

        Proceed(outbox);
    }
}
