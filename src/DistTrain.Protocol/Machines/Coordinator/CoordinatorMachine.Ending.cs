namespace DistTrain.Protocol;

/// <content>Stop requests, and checkpoints that are settled: the run ends with one of its last version.</content>
public sealed partial class CoordinatorMachine
{
    private void Stop(Outbox outbox)
    {
        if (phase == RunPhase.Ended || stopping)
        {
            return;
        }

        stopping = true;
        if (phase == RunPhase.Gathering)
        {
            // Between run epochs the next one ends where it begins; before the first of all there is nothing to end.
            if (IsFirstOfAll)
            {
                Complete(outbox);
            }

            return;
        }

        // Workers may have gone up to the limit already, so it is the earliest version at which all can stop.
        final = limit;
        ordersChanged = true;
        finalStored = checkpoints.Newest?.Version == final;
        if (Extend(outbox))
        {
            Direct(outbox);
        }

        Proceed(outbox);
    }

    private void Settle(WeightVersion version, string? failure, Outbox outbox)
    {
        if (failure is null ? checkpoints.Committed(version) : checkpoints.Failed(version))
        {
            Settled(version, failure, outbox);
            Direct(outbox);
            Proceed(outbox);
        }
    }

    private void Settled(WeightVersion version, string? failure, Outbox outbox)
    {
        outbox.Report(failure is null ? new CheckpointCommitted(version) : new CheckpointFailed(version, failure));
        if (failure is not null)
        {
            failuresInRow++;
            WaitToStoreAgain();
        }
        else
        {
            failuresInRow = 0;
            unstoredBest = version == unstoredBest ? null : unstoredBest;
        }

        if (version != final)
        {
            return;
        }

        finalStored = failure is null;
        if (!finalStored && checkpoints.Failures(version) >= ProtocolLimits.StoreAttemptsMax)
        {
            Fail($"the last checkpoint ({version}) could not be stored: {failure}", failure: null, outbox);
        }
    }
}
