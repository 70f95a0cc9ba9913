namespace DistTrain.Training;

/// <summary>Some steps were made since the last one; at most a few a second.</summary>
public sealed record StepProgress : TrainingEvent
{
    /// <summary>Steps made.</summary>
    public required long Step { get; init; }

    /// <summary>From 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Over the steps of this epoch so far.</summary>
    public required EvaluationResult Train { get; init; }

    /// <summary>Of the last step; null where every step has the same.</summary>
    public float? LearningRate { get; init; }

    public required double SamplesPerSecond { get; init; }

    /// <summary>Until the last step, at this speed.</summary>
    public required double RemainingSeconds { get; init; }
}
