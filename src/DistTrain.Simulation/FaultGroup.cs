namespace DistTrain.Simulation;

/// <summary>Faults that are switched on and off together: what <c>--faults</c> names.</summary>
public enum FaultGroup
{
    /// <summary>Messages take so long that they overtake each other.</summary>
    Delay,
    Loss,
    Duplication,
    Bandwidth,
    Partitions,

    /// <summary>Workers die.</summary>
    Workers,

    /// <summary>Workers join.</summary>
    Joins,

    /// <summary>Servers die and others join.</summary>
    Servers,

    /// <summary>Coordinators die and are succeeded.</summary>
    Coordinators,

    /// <summary>Workers and servers are asked to leave.</summary>
    Leaves,

    /// <summary>Machines die at bad moments: while they store, load, commit, measure or collect.</summary>
    Moments,

    /// <summary>Workers that are slow, or become it for a while, or are suspected of it.</summary>
    Slowness,

    /// <summary>Ticks that drift.</summary>
    Drift,

    /// <summary>Shards and manifests that cannot be stored, disks that are full for a while, checkpoints that rot.</summary>
    Storage,

    /// <summary>The run is asked to stop, and resumed on other machines.</summary>
    Stops,

    /// <summary>Ranges are audited, and a worker computes wrong.</summary>
    Audits,
}
