namespace DistTrain.Training;

/// <summary>Everything a run needs to go on as if it had never stopped.</summary>
public sealed record Checkpoint : RunPosition
{
    /// <summary>The flat vector of <see cref="ParameterLayout"/>.</summary>
    public required float[] Weights { get; init; }

    /// <summary>Slot-major: each slot is a flat vector as long as <see cref="Weights"/>; empty for rules without state.</summary>
    public required float[] Slots { get; init; }
}
