using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("flip", "Mirrors half of the pictures.")]
public sealed record FlipJob : AugmentJob
{
    [JobKey("Left to right, top to bottom, or each way by itself.")]
    public FlipKind Direction { get; init; } = FlipKind.Horizontal;

    internal override IAugmentation ToAugmentation() => new Flip(Direction != FlipKind.Vertical, Direction != FlipKind.Horizontal);
}
