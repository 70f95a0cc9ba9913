using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The last dimension less its mean, divided by its deviation.</summary>
[JobChoice("LayerNormalization", "The last dimension less its mean, divided by its deviation.")]
public sealed record LayerNormalizationJob : LayerJob
{
    [JobKey("Added to the variance. Keras 1e-3, PyTorch 1e-5.", Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 0.001;

    [JobKey("With trained offsets (beta).")]
    public bool Center { get; init; } = true;

    [JobKey("With trained factors (gamma).")]
    public bool Scale { get; init; } = true;

    public override Op ToOp() => new LayerNormalization { Epsilon = (float)Epsilon, Center = Center, Scale = Scale };
}
