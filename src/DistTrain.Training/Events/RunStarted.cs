namespace DistTrain.Training;

/// <summary>Input was accepted and the first step is about to start.</summary>
public sealed record RunStarted : TrainingEvent
{
    /// <summary>"cnn", or "model" for one's own.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the training data.</summary>
    public required string Data { get; init; }

    public required long Parameters { get; init; }

    public required int TrainSamples { get; init; }

    /// <summary>0 without a validation part.</summary>
    public required int ValidationSamples { get; init; }

    public required int Epochs { get; init; }

    public required long TotalSteps { get; init; }

    public required int Batch { get; init; }

    public required int Slices { get; init; }

    public required int Workers { get; init; }

    public required int Servers { get; init; }

    public required int Threads { get; init; }

    /// <summary>First step: above 0 when the run was resumed.</summary>
    public long Step { get; init; }

    public required string JobSha256 { get; init; }

    /// <summary>The run folder, or null when none is kept.</summary>
    public string? Run { get; init; }
}
