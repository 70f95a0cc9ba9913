namespace DistTrain.Protocol;

/// <content>What measurements decide: the learning rate's factor, an early end, and the version whose weights are the run's.</content>
public sealed partial class CoordinatorMachine
{
    // The best version, while it has no valid checkpoint. Invariant: the limit doesn't move while there is one, because the
    // bits of a run that restores it depend on it; so servers still have its blocks.
    private WeightVersion? unstoredBest;
    private bool stoppedEarly;
    private long storeTick;

    /// <summary>The version whose weights are the run's; a run that somebody stopped keeps those it has, to go on from there.</summary>
    private WeightVersion Result =>
        (stoppedEarly || log.First.Before == plan.End) && steering.Best is { } best ? best : log.First.Before;

    private void BeginSteering(RunStart from)
    {
        steering.Begin(from.Steering ?? Tensors.SteeringState.Initial);
        clipping?.Begin(from.Version.Step);
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
            checkpoints.Announce(complete.Version);
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
        if (version != unstoredBest)
        {
            return;
        }

        if (stored)
        {
            unstoredBest = null;
        }
        else
        {
            storeTick = tick;
        }
    }

    /// <summary>The best version could not be stored: again after a while, for as long as it takes.</summary>
    private void StoreBestAgain(Outbox outbox)
    {
        if (phase == RunPhase.Running && unstoredBest is { } version && !checkpoints.IsOpen(version) && tick - storeTick >= options.ReportTicks)
        {
            checkpoints.Announce(version);
            checkpoints.Reach(version, log.Totals, steering.At(version));
            Direct(outbox);
        }
    }
}
