namespace DistTrain.Training;

/// <summary>train.earlyStopping: Keras' EarlyStopping on the validation part, after every epoch.</summary>
public sealed record EarlyStoppingJob
{
    [JobKey("What is watched on the validation part.")]
    public MonitorKind Monitor { get; init; } = MonitorKind.Loss;

    [JobKey("The run ends after so many epochs in a row without a better result.", Min = 1, Max = 1_000_000)]
    public int Patience { get; init; } = 5;

    [JobKey("Better means by more than this.", Min = 0)]
    public double MinDelta { get; init; }

    [JobKey("The final weights are those of the best epoch, however the run came to its end.")]
    public bool RestoreBest { get; init; }
}
