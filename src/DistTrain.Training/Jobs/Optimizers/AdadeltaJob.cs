using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Steps scaled by running means of squared gradients and of squared changes.</summary>
[JobChoice("adadelta", "Steps scaled by running means of squared gradients and of squared changes.")]
public sealed record AdadeltaJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 1;

    [JobKey("Memory of the running means.", Min = 0, Max = 1, BelowMax = true)]
    public double Rho { get; init; } = 0.9;

    [JobKey(EpsilonDoc, Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 1e-6;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new AdaDelta(Rho, Epsilon, l2, clipValue, l1);
}
