using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// Decides which faults begin, and when: each at a random committed step and a random time after it, or at the n-th time that a
/// bad moment comes. Counts what fired.
/// </summary>
internal sealed class FaultInjector
{
    private static readonly FaultKind[] Moments =
    [
        FaultKind.CrashWhileStoring, FaultKind.CrashWhileLoading, FaultKind.CrashWhileCommitting, FaultKind.CrashWhileMeasuring,
        FaultKind.CrashWhileCollecting,
    ];

    private readonly SimulationRandom random;
    private readonly SimulationOptions options;
    private readonly List<(long Step, FaultKind Kind)> planned = [];
    private readonly List<(FaultKind Moment, int Left)> moments = [];
    private readonly long[] fired = new long[Enum.GetValues<FaultKind>().Length];

    public FaultInjector(SimulationOptions options, RunPlan plan, SimulationRandom random)
    {
        this.options = options;
        this.random = random;
        Plan(options.WorkerKills, FaultKind.WorkerKilled);
        Plan(options.WorkerJoins, FaultKind.WorkerJoined);
        Plan(options.ServerKills, FaultKind.ServerKilled);
        Plan(options.Partitions, FaultKind.PartitionFull);
        for (int i = 0; i < options.MomentKills; i++)
        {
            FaultKind moment = Moments[random.Below(Moments.Length)];
            moments.Add((moment, random.Below(moment == FaultKind.CrashWhileLoading ? 8 : 4)));
        }

        Plan(options.CoordinatorKills, FaultKind.CoordinatorKilled);
        Plan(options.Leaves, FaultKind.LeaveRequested);
        Plan(options.Slowdowns, FaultKind.WorkerSlowed);
        Plan(options.Suspicions, FaultKind.WorkerSuspected);
        Plan(options.DiskFulls, FaultKind.DiskFull);
        Plan(options.Corruptions, FaultKind.CheckpointCorrupted);
        Plan(options.WrongWorkers, FaultKind.WorkerComputesWrong);
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

    /// <summary>How often each kind fired; every kind is listed.</summary>
    public IReadOnlyDictionary<FaultKind, long> Fired => Enum.GetValues<FaultKind>().ToDictionary(kind => kind, kind => fired[(int)kind]);

    public void Count(FaultKind kind) => fired[(int)kind]++;

    /// <summary>Faults to begin now that this many steps are committed, each with the instants to wait.</summary>
    public IEnumerable<(FaultKind Kind, int Wait)> Due(long committed)
    {
        foreach ((long Step, FaultKind Kind) fault in planned.Where(fault => fault.Step <= committed).ToList())
        {
            planned.Remove(fault);
            yield return (fault.Kind, fault.Kind == FaultKind.RunStopped ? 0 : random.Below(8 * (options.ComputeMax + options.DelayMax)));
        }
    }

    /// <summary>A bad moment came; whether somebody is to die in it.</summary>
    public bool Strikes(FaultKind moment)
    {
        bool strikes = false;
        for (int i = moments.Count - 1; i >= 0; i--)
        {
            if (moments[i].Moment == moment)
            {
                moments[i] = (moment, moments[i].Left - 1);
                if (moments[i].Left < 0)
                {
                    moments.RemoveAt(i);
                    strikes = true;
                }
            }
        }

        return strikes;
    }
}
