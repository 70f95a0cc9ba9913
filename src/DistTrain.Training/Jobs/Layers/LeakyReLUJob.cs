using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>x where it is positive, a share of x elsewhere.</summary>
[JobChoice("LeakyReLU", "x where it is positive, a share of x elsewhere.")]
public sealed record LeakyReLUJob : LayerJob
{
    [JobKey("The share.", Min = 0, Max = 1)]
    public double NegativeSlope { get; init; } = 0.3;

    public override Op ToOp() => Activation.LeakyReLU((float)NegativeSlope);
}
