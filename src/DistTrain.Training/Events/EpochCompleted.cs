namespace DistTrain.Training;

/// <summary>A walk over the data, or the run within one, is over, and its weights were evaluated.</summary>
public sealed record EpochCompleted : TrainingEvent
{
    /// <summary>From 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps made: the version of the weights.</summary>
    public required long Step { get; init; }

    /// <summary>Over the epoch's steps, each under the weights it began with.</summary>
    public required EvaluationResult Train { get; init; }

    /// <summary>Under the weights after the epoch; null without a validation part.</summary>
    public EvaluationResult? Validation { get; init; }

    /// <summary>Of the epoch's last step; null where every step has the same.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Since the epoch before; 0 when not measured.</summary>
    public double Seconds { get; init; }

    public double SamplesPerSecond { get; init; }
}
