namespace DistTrain.Training;

/// <summary>How tokens of a text are drawn.</summary>
public sealed record GenerationOptions
{
    /// <summary>Probabilities are raised to 1 / temperature: below 1 the likely ones gain. 0: always the likeliest.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the k likeliest tokens are drawn; null: all.</summary>
    public int? TopK { get; init; }

    public ulong Seed { get; init; } = 1;
}
