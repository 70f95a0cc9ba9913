namespace DistTrain.Training;

/// <summary>The last event of a run that came to its end or was stopped by a callback.</summary>
public sealed record RunDone : TrainingEvent
{
    public required long Steps { get; init; }

    public required long Samples { get; init; }

    public required double Seconds { get; init; }

    public required double SamplesPerSecond { get; init; }

    /// <summary>Mean loss over the last epoch's steps; null when no step was made.</summary>
    public required double? TrainLoss { get; init; }

    public EvaluationResult? Validation { get; init; }

    public EvaluationResult? Test { get; init; }

    /// <summary><see cref="WeightsHash"/> of the final weights.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>The run folder, or null when none is kept.</summary>
    public string? Run { get; init; }
}
