namespace DistTrain.Protocol;

/// <content>
/// The one way to change servers or the coordinator: end the run epoch, collect what there is, place blocks, begin the next one.
/// </content>
public sealed partial class CoordinatorMachine
{
    private BlockCollection collection;
    private Dictionary<BlockId, BlockCopy> copies = [];

    // Servers that blocks were placed on; some may have got none.
    private List<MachineId> placedOn = [];
    private bool settled;

    // Of the newest checkpoint that could not be read.
    private string? damage;
    private long gatherTick;

    /// <summary>Ends the run epoch and asks every server what it has.</summary>
    private void EndEpoch(Outbox outbox)
    {
        phase = RunPhase.Gathering;
        round = null;
        gatherTick = tick;
        collection = new BlockCollection(blocks.Blocks.Count);
        foreach (MachineId server in Servers)
        {
            Ask(server, members[server], outbox);
        }
    }

    private void Ask(MachineId server, Member member, Outbox outbox)
    {
        member.OrderedTick = tick;
        outbox.Send(server, new CollectBlocks(epoch.Next));
    }

    private void Hear(MachineId server, BlocksCollected answer, Outbox outbox)
    {
        if (phase != RunPhase.Gathering || answer.Epoch != epoch.Next || collection.Has(server))
        {
            return;
        }

        if (answer.Progress is { } progress && epoch.Number == 0)
        {
            Restore(progress);
        }

        log.Take(answer.Statistics);
        collection.Take(server, answer);
        BeginWhenGathered(outbox);
    }

    /// <summary>Takes over what a coordinator before this one had told a server.</summary>
    private void Restore(RunProgress progress)
    {
        stopping |= progress.Stopping;
        droppedSamples = Math.Max(droppedSamples, progress.DroppedSamples);
        RestoreNamed(progress);
        bool isNewer = progress.Committed > log.First
            || (progress.Committed == log.First && progress.Steering is { } told && told.Measured > steering.Progress?.Measured);
        log.Restore(progress);
        if (isNewer && progress.Steering is { } known)
        {
            steering.Restore(known);
        }
    }

    private void Begin(Outbox outbox)
    {
        if (epoch.Number == 0 && epoch.Term > 1)
        {
            outbox.Report(new RunTakenOver(epoch.Term, log.First, log.Totals, log.CommittedSamples));
        }

        if (NewestCheckpoint() is not { } from)
        {
            Fail($"no checkpoint is left to go on from: {damage}", failure: null, outbox);
            return;
        }

        if (collection.Newest(from.Version, MayBeginAt) is { } found)
        {
            log.Advance(found, Reach, outbox);
            from = new RunStart(found, log.Totals, steering.At(found));
        }

        WeightVersion version = from.Version;
        epoch = epoch.Next;
        phase = RunPhase.Running;
        settled = false;
        copies = collection.CopiesAt(version);
        placedOn = Staying(Servers);
        placement = BlockPlacement.Balance(blocks, placedOn, options.Replicas, collection.Holders(copies));
        epochStart = limit = version;

        // A block that is ahead has no weights of the version before to store with their slots.
        final = !stopping ? plan.End : copies.Values.Any(copy => copy.Version > version) ? version.Next : version;
        finalStored = checkpoints.Newest?.Version == final;

        // Its measurement may not be complete, or not in what steers; measured again it gives the same numbers.
        evaluated = plan.EvaluationsAt(version).Any() ? new WeightVersion(version.Value - 1) : version;
        round = null;
        checkpoints.Clear();
        droppedSamples += log.Begin(version, from.Totals);
        BeginSteering(from);
        clipping?.Begin(version.Step, copies.Count > 0 ? collection.ScaleBefore(version.Next) : null);
        ranges.Begin(version.Step, SpeedsOf(Staying(Workers)));
        balancedFrom = version.Step;
        rescuedStep = new StepNumber(-1);
        audits.Begin();
        foreach (Member member in members.Values)
        {
            member.Applied = new WeightVersion(-1);
            member.Accepted = version.Step;
            member.Pace.Begin();
            member.BackedUntil = member.ProbedAt = version.Step;
            droppedSamples += member.DroppedSamples;
            member.DroppedSamples = 0;
            member.Disputes = [];
        }

        collection = new BlockCollection(blocks.Blocks.Count);
        progressTick = tick;
        int spares = Workers.Count(worker => ranges.At(worker, version.Step).Count == 0);
        outbox.Report(new RunStarted(epoch, version, log.Totals, log.CommittedSamples, Servers.Count, Workers.Count, spares));
        Extend(outbox);
        Direct(outbox);
    }

    /// <summary>The run epoch cannot begin; the next one begins with what is found on servers, or with the checkpoint before.</summary>
    private void Hear(BlocksUnreadable told, Outbox outbox)
    {
        if (phase == RunPhase.Running && told.Version == epochStart)
        {
            damage = told.Reason;
            checkpoints.Discard(told.Version);
            outbox.Report(new CheckpointDamaged(told.Version, told.Reason));
            EndEpoch(outbox);
        }
    }

    /// <summary>Stored in this run, or where it began; null when none can be read any more.</summary>
    private RunStart? NewestCheckpoint()
    {
        RunStart? from = start;
        while (from is not null && checkpoints.IsDamaged(from.Version))
        {
            from = from.Earlier;
        }

        return checkpoints.Newest ?? from;
    }

    /// <summary>
    /// Whether all that stands at a version can be told: the totals, and in a steered run what was decided before it. Servers may
    /// have more from before an earlier change, beyond versions that this coordinator has not measured.
    /// </summary>
    private bool MayBeginAt(WeightVersion version) => log.Knows(version) && steering.Knows(version, plan);

    /// <summary>Once every server has its blocks, what was held for the change is not needed any more; true when that is new.</summary>
    private bool Settle()
    {
        if (settled || !placement.Servers().All(server => members[server].Applied.Value >= 0))
        {
            return false;
        }

        settled = true;
        copies = [];
        return true;
    }

    /// <summary>Whether the next run epoch should begin without need: a server wants to leave, or one has come that is missing.</summary>
    private bool WantsPlacement()
    {
        List<MachineId> staying = [.. Servers.Where(server => !members[server].IsLeaving)];
        return phase == RunPhase.Running && settled && staying.Count > 0
            && (placedOn.Exists(server => members[server].IsLeaving) || placedOn.Count < Math.Min(options.Servers, staying.Count));
    }

    /// <summary>Whether the run epoch cannot go on without a server: it has blocks, or some that others have not yet got from it.</summary>
    private bool Needs(MachineId server) =>
        placement.Servers().Contains(server) || (!settled && copies.Values.Any(copy => copy.Source == server.Number));
}
