using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Spans of a server's or coordinator's machine, made of what its host sees; workers' spans come from what they compute.</summary>
/// <remarks>Belongs to the machine's host, so one thread at a time.</remarks>
internal sealed class MachineSpans(IMachine machine, SpanBuffer spans)
{
    private readonly SortedDictionary<WeightVersion, long> asked = [];
    private long gatherSince = machine is CoordinatorMachine ? SpanBuffer.Now : 0;
    private long checkpointEnd;

    /// <summary>The machine has taken an input.</summary>
    public void Stepped(Input input, long begin)
    {
        if (machine is CoordinatorMachine coordinator)
        {
            Watch(coordinator);
        }
        else if (input is MessageArrived { Message: PushGradient push })
        {
            spans.Add(new Span(SpanKind.Receive, machine.Id, begin, SpanBuffer.Now)
            {
                At = push.Step.Value,
                Item = push.Block.Value,
                First = push.Range.First,
                Count = push.Range.Count,
            });
        }
    }

    /// <summary>Its effects were performed.</summary>
    public void Performed(IReadOnlyList<Effect> effects, long begin)
    {
        foreach (Effect effect in effects)
        {
            switch (effect)
            {
                case Send { Message: BlockPublished published }:
                    // One span for all who get it.
                    spans.Add(new Span(SpanKind.Publish, machine.Id, begin, SpanBuffer.Now) { At = published.Version.Value, Item = published.Block.Value });
                    return;
                case CommitManifest manifest:
                    asked[manifest.Version] = begin;
                    break;
                case Report report:
                    Take(report.Event, begin);
                    break;
            }
        }
    }

    private void Watch(CoordinatorMachine coordinator)
    {
        bool gathers = coordinator.Phase == RunPhase.Gathering;
        if (gathers && gatherSince == 0)
        {
            gatherSince = SpanBuffer.Now;
        }
        else if (!gathers && gatherSince != 0)
        {
            spans.Add(new Span(SpanKind.Gather, machine.Id, gatherSince, SpanBuffer.Now));
            gatherSince = 0;
        }
    }

    private void Take(RunEvent happened, long now)
    {
        switch (happened)
        {
            case CheckpointCommitted committed when asked.Remove(committed.Version, out long since):
                // Two may be under way; on one line they follow each other.
                spans.Add(new Span(SpanKind.Checkpoint, machine.Id, Math.Max(since, checkpointEnd), now) { At = committed.Version.Value });
                checkpointEnd = now;
                break;
            case CheckpointFailed failed:
                asked.Remove(failed.Version);
                break;
            case MemberJoined joined:
                spans.Add(new Span(SpanKind.Joined, machine.Id, now, now) { Item = joined.Member.Number, Count = (int)joined.Member.Role });
                break;
            case MemberGone gone:
                spans.Add(new Span(SpanKind.Gone, machine.Id, now, now) { Item = gone.Member.Number, Count = (int)gone.Member.Role });
                break;
        }
    }
}
