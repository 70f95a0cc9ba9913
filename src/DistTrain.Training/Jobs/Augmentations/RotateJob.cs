using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("rotate", "Turns the picture around its middle, black coming in.")]
public sealed record RotateJob : AugmentJob
{
    [JobKey("Largest angle, either way.", Min = 0, AboveMin = true, Max = 180)]
    public double Degrees { get; init; } = 10;

    internal override IAugmentation ToAugmentation() => new Rotate((float)Degrees);
}
