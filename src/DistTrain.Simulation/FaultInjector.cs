using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>Decides which machines die and join, and when: each at a random committed step and a random time after it.</summary>
internal sealed class FaultInjector
{
    private readonly SimulationRandom random;
    private readonly SimulationOptions options;
    private readonly List<(long Step, FaultKind Kind)> planned = [];
    private readonly SortedDictionary<FaultKind, long> fired = [];

    public FaultInjector(SimulationOptions options, RunPlan plan, SimulationRandom random)
    {
        this.options = options;
        this.random = random;
        foreach (FaultKind kind in Enum.GetValues<FaultKind>())
        {
            fired[kind] = 0;
        }

        Plan(options.WorkerKills, FaultKind.WorkerKilled);
        Plan(options.WorkerJoins, FaultKind.WorkerJoined);
        Plan(options.ServerKills, FaultKind.ServerKilled);
        if (options.StopAfterSteps is { } steps)
        {
            planned.Add((steps, FaultKind.RunStopped));
        }

        void Plan(int count, FaultKind kind)
        {
            long first = options.Start.Version.Value;
            for (int i = 0; i < count; i++)
            {
                planned.Add((first + random.Below((int)Math.Max(1, plan.End.Value - first)), kind));
            }
        }
    }

    public IReadOnlyDictionary<FaultKind, long> Fired => fired;

    public void Count(FaultKind kind) => fired[kind]++;

    /// <summary>Faults to begin now that this many steps are committed, each with the instants to wait.</summary>
    public IEnumerable<(FaultKind Kind, int Wait)> Due(long committed)
    {
        foreach ((long Step, FaultKind Kind) fault in planned.Where(fault => fault.Step <= committed).ToList())
        {
            planned.Remove(fault);
            yield return (fault.Kind, fault.Kind == FaultKind.RunStopped ? 0 : random.Below(8 * (options.ComputeMax + options.DelayMax)));
        }
    }
}
