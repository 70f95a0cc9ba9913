using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>While training, zeros a share of the values and scales the others up.</summary>
[JobChoice("Dropout", "While training, zeros a share of the values and scales the others up.")]
public sealed record DropoutJob : LayerJob
{
    [JobKey("Share that is zeroed.", Required = true, Min = 0, Max = 1, BelowMax = true)]
    public double Rate { get; init; }

    public override Op ToOp() => new Dropout((float)Rate);
}
