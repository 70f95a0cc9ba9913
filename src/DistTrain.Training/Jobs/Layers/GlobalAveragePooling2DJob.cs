using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The mean of each channel.</summary>
[JobChoice("GlobalAveragePooling2D", "The mean of each channel.")]
public sealed record GlobalAveragePooling2DJob : LayerJob
{
    public override Op ToOp() => new GlobalAveragePooling2D();
}
