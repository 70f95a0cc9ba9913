namespace DistTrain.Protocol;

/// <content>What measurements decide: the learning rate's factor, an early end, and the version whose weights are the run's.</content>
public sealed partial class CoordinatorMachine
{
    // The best version, while it has no valid checkpoint. Invariant: the limit doesn't move while there is one, because the
    // bits of a run that restores it depend on it; so servers still have its blocks.
    private WeightVersion? unstoredBest;
    private bool stoppedEarly;

    // When, and by which orders, servers were told that a version that must be stored was given up.
    private long storeTick;
    private long storeOrder;
    private int failuresInRow;

    /// <summary>The version whose weights are the run's; a run that somebody stopped keeps those it has, to go on from there.</summary>
    private WeightVersion Result =>
        (stoppedEarly || log.First.Before == plan.End) && steering.Best is { } best ? best : log.First.Before;

    private void BeginSteering(RunStart from)
    {
        steering.Begin(from.Version, from.Steering ?? Tensors.SteeringState.Initial);
        unstoredBest = null;
        stoppedEarly = false;
    }

    private void Measured(EvaluationRound complete, Outbox outbox)
    {
        List<EvaluationCompleted> results = [.. complete.Totals()];
        results.ForEach(outbox.Report);
        string? monitored = plan.Steering is { } monitor ? plan.Evaluations[monitor.Set].Name : null;
        if (steering.Take(complete.Version, results, monitored) is not { } steered)
        {
            return;
        }

        outbox.Report(steered);
        ordersChanged = true;
        if (steering.Best == complete.Version && !IsStored(complete.Version))
        {
            unstoredBest = complete.Version;
            StoreFirst(complete.Version);
        }

        if (steered.State.Stopped)
        {
            // The limit stands here, so nobody has gone on.
            stoppedEarly = true;
            final = complete.Version;
            finalStored = IsStored(final);
        }
    }

    /// <summary>A run goes on from a checkpoint: that one is stored too.</summary>
    private bool IsStored(WeightVersion version) =>
        checkpoints.Newest?.Version == version || (version == start.Version && version.Value > 0 && !checkpoints.IsDamaged(version));

    /// <summary>
    /// Asks for a version that must be stored. Not when it was given up before: servers repeat what became of an attempt, so nobody
    /// may be asked again before all know that it is over.
    /// </summary>
    private bool StoreFirst(WeightVersion version)
    {
        bool isFirst = !checkpoints.IsOpen(version) && checkpoints.Failures(version) == 0;
        if (isFirst)
        {
            checkpoints.Announce(version, order + 1);
        }

        return isFirst;
    }

    /// <summary>Checkpoints at versions that the limit now allows: those that are due, and one in place of one that failed.</summary>
    private void AnnounceUpTo(WeightVersion target, Outbox outbox)
    {
        bool owes = failuresInRow > 0 && checkpoints.Open.Count == 0
            && tick - storeTick >= (long)options.ReportTicks << Math.Min(failuresInRow - 1, ProtocolLimits.StoreWaitDoublingsMax);
        for (WeightVersion version = limit.Next; version <= target; version = version.Next)
        {
            bool isRegular = options.CheckpointEverySteps > 0 && version.Value % options.CheckpointEverySteps == 0;
            if (isRegular && !checkpoints.HasRoom)
            {
                outbox.Report(new CheckpointSkipped(version));
            }
            else if (isRegular || owes)
            {
                checkpoints.Announce(version, order + 1);
                owes = false;
            }
        }
    }

    private void WaitToStoreAgain()
    {
        storeTick = tick;
        storeOrder = order + 1;
    }

    /// <summary>What must be stored and could not be, is asked for again, after twice the time of the attempt before.</summary>
    private void StoreAgain(Outbox outbox)
    {
        if (phase != RunPhase.Running || (unstoredBest ?? (limit == final && !finalStored ? final : null)) is not { } missing)
        {
            return;
        }

        int failures = checkpoints.Failures(missing);
        bool isDue = failures > 0 && tick - storeTick >= (long)options.ReportTicks << Math.Min(failures - 1, ProtocolLimits.StoreAttemptsMax)
            && placement.Servers().All(server => members[server].OrderSeen >= storeOrder);
        if (isDue && !checkpoints.IsOpen(missing))
        {
            checkpoints.Announce(missing, order + 1);
            checkpoints.Reach(log.First.Before, log.Totals, steering.At(log.First.Before));
            Direct(outbox);
        }
    }
}
