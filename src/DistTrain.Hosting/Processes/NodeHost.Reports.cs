using System.Diagnostics;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <content>What the node tells the launcher: steps, times, parts of checkpoints.</content>
internal sealed partial class NodeHost
{
    private readonly List<StepCommitted> steps = [];
    private long committedAt;

    /// <summary>Steps are told five times a second (<see cref="HostClock.TellTicks"/>), and before any other event: each packet takes a fifth of a millisecond from the cores that compute.</summary>
    private void Tell(RunEvent happened)
    {
        if (happened is StepCommitted step)
        {
            lock (steps)
            {
                steps.Add(step);
                committedAt = Stopwatch.GetTimestamp();
                if (steps.Count < StepsCommitted.StepsMax)
                {
                    return;
                }
            }
        }

        TellSteps();
        if (happened is not StepCommitted)
        {
            fence.Report(new EventHappened(happened));
        }
    }

    private void TellSteps()
    {
        lock (steps)
        {
            if (steps.Count > 0)
            {
                launcher.Post(new StepsCommitted([.. steps], committedAt));
                steps.Clear();
            }
        }
    }

    private void Measure()
    {
        (long sent, long received) = wire.Bytes;
        launcher.Post(new NodeMeasured(sent, received, computes.ToDictionary(pair => $"{pair.Key}", pair => pair.Value.Times), fetched?.Share));
        if (hosts.TryGetValue(MachineId.Coordinator, out MachineHost? coordinator))
        {
            coordinator.Inspect(machine => launcher.Post(new StatusTold(((CoordinatorMachine)machine).Status)));
        }
    }

    /// <summary>Off the machine's way: hashing and copying a large shard takes long.</summary>
    private void SendShard(MachineId server, StoreShard shard)
    {
        try
        {
            ShardUpload.Send(launcher, server, shard);
        }
        catch (Exception exception)
        {
            Fault(exception);
        }
    }
}
