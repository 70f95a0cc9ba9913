namespace DistTrain.Protocol;

/// <content>Polite leave: a worker finishes its ranges, a server hands over its blocks; then they are told to stop.</content>
public sealed partial class CoordinatorMachine
{
    private void Leaves(MachineId id, Member member, Outbox outbox)
    {
        if (member.IsLeaving)
        {
            return;
        }

        member.IsLeaving = true;
        if (phase != RunPhase.Running)
        {
            return;
        }

        if (id.Role == MachineRole.Worker)
        {
            Reassign();
            Direct(outbox);
        }

        Dismiss(outbox);
        if (WantsPlacement())
        {
            EndEpoch(outbox);
        }
    }

    /// <summary>Tells everyone to stop who wants to leave and is not needed any more.</summary>
    private void Dismiss(Outbox outbox)
    {
        if (phase != RunPhase.Running)
        {
            return;
        }

        foreach ((MachineId id, Member member) in members)
        {
            if (member.IsLeaving && member.Dismissed is null && !IsNeeded(id))
            {
                member.Dismissed = ++order;
                Send(id, member, outbox);
            }
        }
    }

    private bool IsNeeded(MachineId id) => id.Role == MachineRole.Server
        ? !settled || placedOn.Contains(id)
        : ranges.For(id).Any(period => period.Ranges.Count > 0) || audits.Has(id) || round?.For(id).Count > 0 || Workers.Count == 1;

    /// <summary>It has heard that it may go.</summary>
    private void Depart(MachineId id, Member member, Outbox outbox)
    {
        if (member.OrderSeen >= member.Dismissed)
        {
            members.Remove(id);
            gone.Add(id);
            droppedSamples += member.DroppedSamples;
            outbox.Report(new MemberGone(id, "left as it asked to"));
        }
    }
}
