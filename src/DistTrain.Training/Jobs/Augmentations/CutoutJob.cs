using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("cutout", "Blackens a square anywhere.")]
public sealed record CutoutJob : AugmentJob
{
    [JobKey("Side of the square in pixels.", Min = 1, Max = 1 << 14)]
    public int Size { get; init; } = 8;

    internal override IAugmentation ToAugmentation() => new Cutout(Size);
}
