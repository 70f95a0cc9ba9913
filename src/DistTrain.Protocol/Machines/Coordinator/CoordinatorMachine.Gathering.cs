namespace DistTrain.Protocol;

/// <content>Gathering: who takes part, and when that is enough to begin a run epoch.</content>
public sealed partial class CoordinatorMachine
{
    private bool allAreFound;

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
            Admit(from, outbox);
        }
        else if (phase == RunPhase.Running)
        {
            Send(from, member, outbox);
        }
    }

    /// <summary>
    /// A machine takes part from now on: a new one, or one that an earlier coordinator admitted. One may look like the other, for
    /// JoinRun may come very late; so a server is asked what it has, except when nobody can have anything.
    /// </summary>
    private void Admit(MachineId id, Outbox outbox)
    {
        var member = new Member(tick);
        members.Add(id, member);
        outbox.Report(new MemberJoined(id));
        if (phase == RunPhase.Running)
        {
            Include(id, member, outbox);
            return;
        }

        if (phase == RunPhase.Gathering && id.Role == MachineRole.Server && !IsFirstOfAll)
        {
            Ask(id, member, outbox);
        }

        BeginWhenGathered(outbox);
    }

    /// <summary>A joining worker gets ranges from the limit on. A joining server waits for the next run epoch, unless servers are missing.</summary>
    private void Include(MachineId id, Member member, Outbox outbox)
    {
        if (id.Role == MachineRole.Worker)
        {
            Reassign();
            Direct(outbox);
        }
        else if (WantsPlacement())
        {
            EndEpoch(outbox);
        }
        else
        {
            Send(id, member, outbox);
        }
    }

    /// <summary>Before the first run epoch of the first coordinator no server has anything.</summary>
    private bool IsFirstOfAll => epoch == RunEpoch.Before(term: 1);

    /// <summary>Workers came or went: only what is lost moves in open steps, balance begins at the limit.</summary>
    private void Reassign()
    {
        List<WorkerSpeed> staying = SpeedsOf(Staying(Workers));
        ranges.Change(log.First, limit.Step, Workers, staying);
        balancedFrom = limit.Step;
        round?.Deal(staying);
        audits.Change(limit.Step, Workers, Staying(Workers), IsDisputed);
    }

    /// <summary>Those who have not asked to leave and can be relied on; if there are none, who has not asked to leave; else all.</summary>
    private List<MachineId> Staying(List<MachineId> all)
    {
        List<MachineId> staying = [.. all.Where(id => !members[id].IsLeaving)];
        List<MachineId> relied = [.. staying.Where(id => !members[id].IsDoubtful)];
        return relied.Count > 0 ? relied : staying.Count > 0 ? staying : all;
    }

    private void BeginWhenGathered(Outbox outbox)
    {
        if (phase != RunPhase.Gathering || !IsGathered())
        {
            return;
        }

        if (collection.Contradiction() is { } contradiction)
        {
            Fail(contradiction, failure: null, outbox);
            return;
        }

        Begin(outbox);
    }

    /// <summary>
    /// A run begins when all it asks for are there; it goes on with any server and worker, when all servers have answered. A
    /// successor also waits for the servers those name, until it knows them lost, or its host has named everybody, or it has waited
    /// long enough for a sign of life.
    /// </summary>
    private bool IsGathered()
    {
        bool first = epoch.Number == 0;
        if (IsFirstOfAll)
        {
            return Servers.Count >= options.Servers && Workers.Count >= options.Workers;
        }

        if (Servers.Count == 0 || Workers.Count == 0 || !Servers.All(collection.Has))
        {
            return false;
        }

        bool allFound = allAreFound
            || (collection.Answers.Any(answer => answer.Progress is not null) && collection.Peers().All(peer => gone.Contains(peer) || collection.Has(peer)));
        return !first || allFound || tick - gatherTick > options.SilenceTicks;
    }
}
