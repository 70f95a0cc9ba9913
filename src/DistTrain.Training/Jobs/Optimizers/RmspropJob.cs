using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Steps divided by the root of a running mean of squared gradients.</summary>
[JobChoice("rmsprop", "Steps divided by the root of a running mean of squared gradients.")]
public sealed record RmspropJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 0.01;

    [JobKey("Memory of the running mean of squares.", Min = 0, Max = 1, BelowMax = true)]
    public double Rho { get; init; } = 0.99;

    [JobKey(EpsilonDoc, Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 1e-8;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new RmsProp(Rho, Epsilon, l2, clipValue, l1);
}
