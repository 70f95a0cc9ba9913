using DistTrain.Data;

namespace DistTrain.Training;

/// <summary>One change of samples while training: an item of data.augment.</summary>
[JobChoices(typeof(FlipJob), typeof(CropJob), typeof(ShiftJob), typeof(RotateJob), typeof(CutoutJob), typeof(NoiseJob))]
public abstract record AugmentJob
{
    internal abstract IAugmentation ToAugmentation();
}
