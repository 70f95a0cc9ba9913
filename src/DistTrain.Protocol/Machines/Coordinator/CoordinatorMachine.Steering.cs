namespace DistTrain.Protocol;

/// <content>What measurements decide: the learning rate's factor, an early end, and the version whose weights are the run's.</content>
public sealed partial class CoordinatorMachine
{
    // The best version, while it has no valid checkpoint. Invariant: the limit doesn't move while there is one, because the
    // bits of a run that restores it depend on it; so servers still have its blocks.
    private WeightVersion? unstoredBest;
    private bool stoppedEarly;

    // The last version's checkpoint failed once and is asked for again.
    private bool finalFailed;
    private long storeTick;
    private long storeOrder;

    /// <summary>The version whose weights are the run's; a run that somebody stopped keeps those it has, to go on from there.</summary>
    private WeightVersion Result =>
        (stoppedEarly || log.First.Before == plan.End) && steering.Best is { } best ? best : log.First.Before;

    private void BeginSteering(RunStart from)
    {
        steering.Begin(from.Version, from.Steering ?? Tensors.SteeringState.Initial);
        unstoredBest = null;
        stoppedEarly = finalFailed = false;
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
            checkpoints.Announce(complete.Version, order + 1);
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
        checkpoints.Newest?.Version == version || (version == start.Version && version.Value > 0);

    private void SettleBest(WeightVersion version, bool stored)
    {
        if (version == unstoredBest && stored)
        {
            unstoredBest = null;
        }
        else if (version == unstoredBest)
        {
            WaitToStoreAgain();
        }
    }

    /// <summary>One more attempt: the version may have become the last one, by a stop, while it was being stored.</summary>
    private bool StoresFinalAgain()
    {
        bool again = !finalFailed;
        finalFailed = true;
        WaitToStoreAgain();
        return again;
    }

    private void WaitToStoreAgain()
    {
        storeTick = tick;
        storeOrder = order + 1;
    }

    /// <summary>What must be stored and could not be, is asked for again after a while, once every server knows that it was given up.</summary>
    private void StoreAgain(Outbox outbox)
    {
        bool isDue = phase == RunPhase.Running && tick - storeTick >= options.ReportTicks
            && placement.Servers().All(server => members[server].OrderSeen >= storeOrder);
        if (!isDue)
        {
            return;
        }

        WeightVersion? missing = unstoredBest ?? (finalFailed && !finalStored ? final : null);
        if (missing is { } version && !checkpoints.IsOpen(version))
        {
            checkpoints.Announce(version, order + 1);
            checkpoints.Reach(version, log.Totals, steering.At(version));
            Direct(outbox);
        }
    }
}
