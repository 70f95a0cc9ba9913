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

    /// <summary>Messages of a thousand that take up to <see cref="LateMax"/> instants: what they say may be long over.</summary>
    public int LatePerMille { get; init; }

    /// <summary>Instants a late message takes, at most.</summary>
    public int LateMax { get; init; } = 4000;

    /// <summary>Messages of a thousand that are lost.</summary>
    public int LostPerMille { get; init; }

    /// <summary>Messages of a thousand that arrive twice.</summary>
    public int DuplicatedPerMille { get; init; }

    /// <summary>Instants a worker computes for one block of a range, at most.</summary>
    public int ComputeMax { get; init; } = 10;

    /// <summary>Instants a worker computes for one block of one slice, besides; 0 = ranges of any size take equally long.</summary>
    public int SliceInstants { get; init; }

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

    /// <summary>Manifests of a thousand that cannot be stored; never that of the last version.</summary>
    public int ManifestFailedPerMille { get; init; }

    /// <summary>Times that for a while nothing can be stored.</summary>
    public int DiskFulls { get; init; }

    /// <summary>Instants a full disk stays full, at most. The last version is tried for 248 ticks.</summary>
    public int DiskFullMax { get; init; } = 5000;

    /// <summary>Times that a bit of a valid checkpoint turns over.</summary>
    public int Corruptions { get; init; }

    /// <summary>Machines killed at bad moments: while they store, load, commit, measure or collect.</summary>
    public int MomentKills { get; init; }

    /// <summary>
    /// Instants in which a machine sends all weights once; other weights and gradients wait meanwhile, control messages don't. 0 = no
    /// time at all. So long that repetitions come before the answers can, lines fill up and a run may starve.
    /// </summary>
    public int LineInstants { get; init; }

    /// <summary>Times that the network falls in two parts, one way or both; all heal.</summary>
    public int Partitions { get; init; }

    /// <summary>Instants a partition lasts, at most. Long ones cost machines their membership.</summary>
    public int PartitionMax { get; init; } = 6000;

    /// <summary>Workers of a thousand that compute <see cref="SlowFactor"/> times as long.</summary>
    public int SlowPerMille { get; init; }

    /// <summary>How much longer a slow worker computes.</summary>
    public int SlowFactor { get; init; } = 10;

    /// <summary>Times that a worker becomes 2 to 20 times slower at a random moment.</summary>
    public int Slowdowns { get; init; }

    /// <summary>Times that the coordinator's host suspects a worker at a random moment.</summary>
    public int Suspicions { get; init; }

    /// <summary>Instants that slowness or a suspicion lasts, at most.</summary>
    public int SlowdownMax { get; init; } = 6000;

    /// <summary>A machine's ticks are up to this many thousandths shorter or longer than <see cref="InstantsPerTick"/>; its count begins anywhere.</summary>
    public int DriftPerMille { get; init; }

    /// <summary>Coordinators killed at random moments; a successor begins a while later.</summary>
    public int CoordinatorKills { get; init; }

    /// <summary>Workers and servers that are asked to leave at random moments.</summary>
    public int Leaves { get; init; }

    /// <summary>
    /// Workers that compute wrong from a random moment on, where it is audited: 0 or 1, for two could agree. At least three
    /// workers must be there whatever else happens, or nobody can tell which one is wrong.
    /// </summary>
    public int WrongWorkers { get; init; }

    /// <summary>Asks the run to stop when this many steps are committed; null = never.</summary>
    public long? StopAfterSteps { get; init; }

    /// <summary>Faults at given moments, besides those that are drawn.</summary>
    public IReadOnlyList<ScriptedFault> Script { get; init; } = [];

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

    /// <summary>A random mix of all faults but stops, drawn from a seed; about one run in four stays calm in each respect.</summary>
    public static SimulationOptions Faulty(int workers, int servers, ulong seed) =>
        Faulty(workers, servers, seed, [.. Enum.GetValues<FaultGroup>().Where(group => group != FaultGroup.Stops)]);

    /// <summary>A random mix of some groups of faults. A group that is left out doesn't change what is drawn for the others.</summary>
    public static SimulationOptions Faulty(int workers, int servers, ulong seed, IReadOnlyCollection<FaultGroup> groups)
    {
        var random = new SimulationRandom(seed ^ 0xFA017);
        int Some(FaultGroup group, int min, int max, int never = 250, int calm = 0)
        {
            bool none = random.Chance(never);
            int drawn = random.Between(min, max);
            return none || !groups.Contains(group) ? calm : drawn;
        }

        SimulationOptions options = Calm(workers, servers);
        int progressTicks = Some(FaultGroup.Slowness, 100, 300, never: 600);
        options = options with
        {
            Protocol = options.Protocol with
            {
                LeashSteps = random.Between(2, 8),
                CheckpointEverySteps = random.Chance(250) ? 0 : random.Between(1, 5),
                ProgressTicks = progressTicks,
                Replicas = servers > 1 ? random.Between(1, 2) : 1,
            },
            DelayMax = Some(FaultGroup.Delay, 1, 120, never: 0, calm: 1),
            LatePerMille = Some(FaultGroup.Delay, 1, 40),
            LostPerMille = Some(FaultGroup.Loss, 1, 100),
            DuplicatedPerMille = Some(FaultGroup.Duplication, 1, 100),
            ComputeMax = random.Between(1, 60),
            ShardFailedPerMille = Some(FaultGroup.Storage, 1, 200),
            ManifestFailedPerMille = Some(FaultGroup.Storage, 1, 200),
            WorkerKills = Some(FaultGroup.Workers, 1, 4),
            WorkerJoins = Some(FaultGroup.Joins, 1, 3),
            ServerKills = Some(FaultGroup.Servers, 1, 3, never: 500),
            CoordinatorKills = Some(FaultGroup.Coordinators, 1, 2, never: 700),
            Leaves = Some(FaultGroup.Leaves, 1, 3, never: 500),
            MomentKills = Some(FaultGroup.Moments, 1, 3, never: 600),
            LineInstants = Some(FaultGroup.Bandwidth, 1, 12, never: 600),
            Partitions = Some(FaultGroup.Partitions, 1, 3, never: 600),
            SlowPerMille = Some(FaultGroup.Slowness, 1, 500, never: 600),
            DriftPerMille = Some(FaultGroup.Drift, 1, 300),
            StopAfterSteps = Some(FaultGroup.Stops, 0, 10, never: 850, calm: -1) is > -1 and var steps ? steps : null,
            DiskFulls = Some(FaultGroup.Storage, 1, 2, never: 700),
            Corruptions = Some(FaultGroup.Storage, 1, 4, never: 500),
            Slowdowns = Some(FaultGroup.Slowness, 1, 3, never: 500),
            Suspicions = Some(FaultGroup.Slowness, 1, 3, never: 500),
            SliceInstants = random.Chance(500) ? 0 : random.Between(1, 6),
        };
        int audit = Some(FaultGroup.Audits, 1, 3, never: 500);
        int leashTicks = random.Chance(500) ? 0 : random.Between(1, 32);
        int reportsPerLeash = random.Chance(500) ? 8 : random.Between(1, 3);
        int newsTicks = random.Chance(500) ? 1 : random.Between(2, 4);
        bool thirdStays = options.Partitions == 0 && workers >= 4 + options.WorkerKills + options.MomentKills + options.Leaves;
        return options with
        {
            Protocol = options.Protocol with
            {
                AuditShare = audit == 3 ? 0.3 : Math.Min(audit, 1),
                AuditSeed = seed,
                LeashTicks = leashTicks,
                ReportsPerLeash = reportsPerLeash,
                NewsTicks = newsTicks,
                LateTicks = options.Protocol.LateTicks == 0 ? 0 : options.Protocol.LateTicks + newsTicks - 1,
            },
            WrongWorkers = audit > 0 && thirdStays ? 1 : 0,
        };
    }
}
