namespace DistTrain.Protocol;

/// <content>What the coordinator is told: a state, so that the newest report says all that those before it said.</content>
public sealed partial class ServerMachine
{
    private long reports;
    private WeightVersion appliedReported = new(-1);

    private void SendReport(Outbox outbox)
    {
        reportTick = tick;
        appliedReported = Applied;
        long dropped = blocks.TryGetValue(lowest.Value, out ServerBlock? block) ? block.Tree.DroppedSamples : 0;
        outbox.Send(
            MachineId.Coordinator,
            new ServerReported(
                orders!.Epoch,
                orders.Order,
                Applied,
                [.. statistics.Where(step => step.Step.Before < Applied)],
                dropped,
                [.. shards.Outcomes],
                failure)
            {
                Number = reports++,
                Findings = Findings,
            });
    }
}
