using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// What becomes of a message: lost, swallowed by a partition, repeated, delayed so that others overtake it, or queued behind what
/// its sender sends already.
/// </summary>
internal sealed class SimulatedNetwork(SimulationOptions options, BlockPlan blocks, SimulationRandom random, FaultInjector faults)
{
    private readonly Dictionary<(MachineId From, MachineId To), long> lastArrival = [];
    private readonly Dictionary<MachineId, long> lineFree = [];
    private readonly List<Partition> partitions = [];

    /// <summary>Instants until each copy of a message with so many floats arrives; none when it is lost.</summary>
    public IEnumerable<int> Arrivals(MachineId from, MachineId to, int floats, long now)
    {
        if (partitions.Exists(partition => partition.Cuts(from, to)))
        {
            faults.Count(FaultKind.MessageCut);
            yield break;
        }

        if (random.Chance(options.LostPerMille))
        {
            faults.Count(FaultKind.MessageLost);
            yield break;
        }

        int copies = 1;
        if (random.Chance(options.DuplicatedPerMille))
        {
            faults.Count(FaultKind.MessageDuplicated);
            copies = 2;
        }

        int queued = Queue(from, floats, now);
        for (int i = 0; i < copies; i++)
        {
            int delay = queued + random.Between(1, options.DelayMax);
            if (random.Chance(options.LatePerMille))
            {
                faults.Count(FaultKind.MessageLate);
                delay += random.Below(options.LateMax);
            }

            long last = lastArrival.GetValueOrDefault((from, to));
            if (now + delay < last)
            {
                faults.Count(FaultKind.MessageOvertaken);
            }

            lastArrival[(from, to)] = Math.Max(now + delay, last);
            yield return delay;
        }
    }

    /// <summary>Cuts these machines off from all others, those that join later included.</summary>
    /// <returns>What heals it.</returns>
    public Action Cut(IReadOnlySet<MachineId> side, bool oneWay)
    {
        var partition = new Partition(side, oneWay);
        partitions.Add(partition);
        faults.Count(oneWay ? FaultKind.PartitionOneWay : FaultKind.PartitionFull);
        return () =>
        {
            partitions.Remove(partition);
            faults.Count(FaultKind.PartitionHealed);
        };
    }

    private int Queue(MachineId from, int floats, long now)
    {
        if (options.LineInstants == 0 || floats == 0)
        {
            return 0;
        }

        long begins = Math.Max(now, lineFree.GetValueOrDefault(from));
        if (begins > now)
        {
            faults.Count(FaultKind.MessageQueued);
        }

        lineFree[from] = begins + ((long)floats * options.LineInstants / blocks.Floats);
        return (int)(lineFree[from] - now);
    }

    private sealed class Partition(IReadOnlySet<MachineId> side, bool oneWay)
    {
        public bool Cuts(MachineId from, MachineId to) =>
            side.Contains(from) != side.Contains(to) && (!oneWay || side.Contains(from));
    }
}
