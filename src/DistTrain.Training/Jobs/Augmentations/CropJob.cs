using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("crop", "Pads with black and cuts out a window of the picture's own size anywhere.")]
public sealed record CropJob : AugmentJob
{
    [JobKey("Pixels of padding on each side.", Min = 1, Max = 1 << 14)]
    public int Padding { get; init; } = 4;

    internal override IAugmentation ToAugmentation() => new Shift(Padding, "crop");
}
