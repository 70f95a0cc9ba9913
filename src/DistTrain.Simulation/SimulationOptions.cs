using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>What a simulation does to a run. Times are in instants; a tick of the machines is <see cref="InstantsPerTick"/>.</summary>
public sealed record SimulationOptions
{
    public ProtocolOptions Protocol { get; init; } = new() { RetryTicks = 4, ReportTicks = 8, SilenceTicks = 60 };

    /// <summary>Length of a tick.</summary>
    public int InstantsPerTick { get; init; } = 50;

    /// <summary>A message takes 1 to this many instants, so later ones overtake it.</summary>
    public int DelayMax { get; init; } = 20;

    /// <summary>Messages of a thousand that are lost.</summary>
    public int LostPerMille { get; init; }

    /// <summary>Messages of a thousand that arrive twice.</summary>
    public int DuplicatedPerMille { get; init; }

    /// <summary>Instants a worker computes for one block of a range, at most.</summary>
    public int ComputeMax { get; init; } = 10;

    /// <summary>Instants the store needs for a shard or a manifest, at most.</summary>
    public int StoreMax { get; init; } = 200;

    /// <summary>Shards of a thousand that cannot be stored; never those of the last version.</summary>
    public int ShardFailedPerMille { get; init; }

    /// <summary>Workers killed at random moments; where none is left, one joins.</summary>
    public int WorkerKills { get; init; }

    /// <summary>Workers that join at random moments.</summary>
    public int WorkerJoins { get; init; }

    /// <summary>Servers killed at random moments; another one joins a while later.</summary>
    public int ServerKills { get; init; }

    /// <summary>Asks the run to stop when this many steps are committed; null = never.</summary>
    public long? StopAfterSteps { get; init; }

    /// <summary>Where the run begins.</summary>
    public RunStart Start { get; init; } = RunStart.New;

    /// <summary>The store of an earlier simulation, to resume from; null = empty.</summary>
    public SimulatedStorage? Storage { get; init; }

    /// <summary>Events after which the run counts as hung.</summary>
    public long EventsMax { get; init; } = 2_000_000;

    /// <summary>Calm: messages take time and nothing else happens.</summary>
    public static SimulationOptions Calm(int workers, int servers) => new()
    {
        Protocol = new ProtocolOptions { Workers = workers, Servers = servers, RetryTicks = 4, ReportTicks = 8, SilenceTicks = 60 },
    };

    /// <summary>A random mix of all faults, drawn from a seed; about one run in four stays calm in each respect.</summary>
    public static SimulationOptions Faulty(int workers, int servers, ulong seed)
    {
        var random = new SimulationRandom(seed ^ 0xFA017);
        int Some(int max) => random.Chance(250) ? 0 : random.Between(1, max);
        SimulationOptions calm = Calm(workers, servers);
        return calm with
        {
            Protocol = calm.Protocol with { LeashSteps = random.Between(2, 8), CheckpointEverySteps = Some(5) },
            DelayMax = random.Between(1, 120),
            LostPerMille = Some(100),
            DuplicatedPerMille = Some(100),
            ComputeMax = random.Between(1, 60),
            ShardFailedPerMille = Some(200),
            WorkerKills = Some(4),
            WorkerJoins = Some(3),
            ServerKills = random.Chance(700) ? 0 : random.Between(1, 2),
        };
    }
}
