using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>x where it is positive, alpha (e^x - 1) elsewhere.</summary>
[JobChoice("ELU", "x where it is positive, alpha (e^x - 1) elsewhere.")]
public sealed record ELUJob : LayerJob
{
    [JobKey("What it falls to.", Min = 0, Max = 1000)]
    public double Alpha { get; init; } = 1;

    public override Op ToOp() => Activation.Elu((float)Alpha);
}
