using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Each channel less its mean over the slice, divided by its deviation; running averages outside training.</summary>
[JobChoice("BatchNormalization", "Each channel less its mean over the slice, divided by its deviation; running averages outside training.")]
public sealed record BatchNormalizationJob : LayerJob
{
    [JobKey("What stays of a running average in a step. Keras 0.99; PyTorch's 0.1 is 0.9 here.", Min = 0, Max = 1, BelowMax = true)]
    public double Momentum { get; init; } = 0.99;

    [JobKey("Added to the variance. Keras 1e-3, PyTorch 1e-5.", Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 0.001;

    [JobKey("With trained offsets (beta).")]
    public bool Center { get; init; } = true;

    [JobKey("With trained factors (gamma).")]
    public bool Scale { get; init; } = true;

    [JobKey("The running variance is of n - 1, as PyTorch's; Keras' is of n.")]
    public bool UnbiasedVariance { get; init; }

    public override Op ToOp() => new BatchNormalization { Momentum = (float)Momentum, Epsilon = (float)Epsilon, Center = Center, Scale = Scale, UnbiasedVariance = UnbiasedVariance };
}
