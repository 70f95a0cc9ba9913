namespace DistTrain.Protocol;

/// <content>Gathering: who may join, and what a run epoch begins with once enough machines are there.</content>
public sealed partial class CoordinatorMachine
{
    private void Join(MachineId from, Member? member, JoinRun join, Outbox outbox)
    {
        if (join.Identity.DifferenceFrom(identity) is { } difference)
        {
            outbox.Send(from, new Refused(epoch, RefusalReason.OtherRun, $"{from} has {difference}"));
        }
        else if (phase == RunPhase.Ended)
        {
            outbox.Send(from, new Refused(epoch, RefusalReason.RunEnded, "the run has ended"));
        }
        else if (member is null)
        {
            members.Add(from, new Member(tick));
            outbox.Report(new MemberJoined(from));
            if (phase == RunPhase.Gathering)
            {
                BeginWhenGathered(outbox);
            }
            else if (from.Role == MachineRole.Worker)
            {
                ranges.Change(log.First, limit.Step, Workers);
                round?.Deal(Workers);
                Direct(outbox);
            }
            else
            {
                Send(from, members[from], outbox);
            }
        }
        else if (phase == RunPhase.Running)
        {
            Send(from, member, outbox);
        }
    }

    private void BeginWhenGathered(Outbox outbox)
    {
        bool first = epoch.Value == 0;
        if (Servers.Count < (first ? options.Servers : 1) || Workers.Count < (first ? options.Workers : 1))
        {
            return;
        }

        RunStart from = checkpoints.Newest ?? start;
        WeightVersion version = from.Version;
        epoch = new RunEpoch(epoch.Value + 1);
        phase = RunPhase.Running;
        placement = BlockPlacement.Balance(blocks, Servers);
        epochStart = limit = version;
        final = stopping ? version : plan.End;
        finalStored = checkpoints.Newest?.Version == final;

        // A checkpoint may be older than the evaluation of its version; measured again it gives the same numbers.
        evaluated = plan.EvaluationsAt(version).Any() ? new WeightVersion(version.Value - 1) : version;
        round = null;
        checkpoints.Clear();
        droppedSamples += log.Begin(version, from.Totals);
        BeginSteering(from);
        ranges.Begin(version.Step, Workers);
        foreach (Member member in members.Values)
        {
            member.Applied = new WeightVersion(-1);
            member.Accepted = version.Step;
            droppedSamples += member.DroppedSamples;
            member.DroppedSamples = 0;
        }

        progressTick = tick;
        int spares = Workers.Count(worker => ranges.At(worker, version.Step).Count == 0);
        outbox.Report(new RunStarted(epoch, version, Servers.Count, Workers.Count, spares));
        Extend();
        Direct(outbox);
    }
}
