using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Positions whose features are all one value are padding.</summary>
[JobChoice("Masking", "Positions whose features are all one value are padding: recurrent layers, attention and the loss leave them out.")]
public sealed record MaskingJob : LayerJob
{
    [JobKey("What every feature of padding is.")]
    public double MaskValue { get; init; }

    public override Op ToOp() => new Masking((float)MaskValue);
}
