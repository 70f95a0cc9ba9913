using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("noise", "Adds normal noise to every feature.")]
public sealed record NoiseJob : AugmentJob
{
    [JobKey("Its standard deviation, in the units that the network sees.", Min = 0, AboveMin = true)]
    public double Deviation { get; init; } = 0.1;

    internal override IAugmentation ToAugmentation() => new Noise((float)Deviation);
}
