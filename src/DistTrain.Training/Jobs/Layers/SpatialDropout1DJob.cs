using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Dropout of whole features, the same at all positions of a sample.</summary>
[JobChoice("SpatialDropout1D", "While training, zeros a share of the features, the same at all positions of a sample: before a recurrent layer, what Keras' layers call dropout.")]
public sealed record SpatialDropout1DJob : LayerJob
{
    [JobKey("Share that is zeroed.", Required = true, Min = 0, Max = 1, BelowMax = true)]
    public double Rate { get; init; }

    public override Op ToOp() => new SpatialDropout1D((float)Rate);
}
