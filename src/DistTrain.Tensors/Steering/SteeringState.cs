namespace DistTrain.Tensors;

/// <summary>What measurements have decided so far. Part of every checkpoint: it decides bits.</summary>
public sealed record SteeringState
{
    public static SteeringState Initial { get; } = new();

    /// <summary>What the schedule's learning rate is multiplied by.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>Best measurement of the plateau rule; null before the first.</summary>
    public double? PlateauBest { get; init; }

    /// <summary>Measurements since, which count.</summary>
    public int PlateauWait { get; init; }

    /// <summary>Measurements that still don't count.</summary>
    public int PlateauCooldown { get; init; }

    /// <summary>Best measurement of the stopping rule; null before the first.</summary>
    public double? Best { get; init; }

    /// <summary>Version of the weights that gave it; -1 before the first.</summary>
    public long BestVersion { get; init; } = -1;

    /// <summary>Measurements since.</summary>
    public int Wait { get; init; }

    /// <summary>The run ends here.</summary>
    public bool Stopped { get; init; }
}
