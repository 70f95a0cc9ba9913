namespace DistTrain.Training;

/// <summary>train.reduceLROnPlateau: Keras' ReduceLROnPlateau on the validation part, after every epoch.</summary>
public sealed record PlateauJob
{
    [JobKey("What is watched on the validation part.")]
    public MonitorKind Monitor { get; init; } = MonitorKind.Loss;

    [JobKey("The learning rate is multiplied by this.", Min = 0, AboveMin = true, Max = 1, BelowMax = true)]
    public double Factor { get; init; } = 0.1;

    [JobKey("Epochs without a better result before it is.", Min = 1, Max = 1_000_000)]
    public int Patience { get; init; } = 10;

    [JobKey("Better means by more than this.", Min = 0)]
    public double MinDelta { get; init; } = 1e-4;

    [JobKey("Epochs after a reduction that don't count.", Min = 0, Max = 1_000_000)]
    public int Cooldown { get; init; }

    [JobKey("The optimizer's learning rate isn't reduced below this; a schedule still lowers it.", Min = 0)]
    public double MinLearningRate { get; init; }
}
