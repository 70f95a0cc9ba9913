using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("shift", "Moves the picture by whole pixels, black coming in.")]
public sealed record ShiftJob : AugmentJob
{
    [JobKey("Most pixels, in each direction.", Min = 1, Max = 1 << 14)]
    public int Pixels { get; init; } = 2;

    internal override IAugmentation ToAugmentation() => new Shift(Pixels);
}
