using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Pictures made larger by whole factors.</summary>
[JobChoice("UpSampling2D", "Pictures made larger by whole factors.")]
public sealed record UpSampling2DJob : LayerJob
{
    [JobKey("Rows and columns for each one of the input.", Min = 1, Max = 1024)]
    public WindowSize Size { get; init; } = 2;

    [JobKey("nearest repeats pixels, bilinear takes means of neighbours.")]
    public Interpolation Interpolation { get; init; } = Interpolation.Nearest;

    public override Op ToOp() => new UpSampling2D(Size) { Interpolation = Interpolation };
}
