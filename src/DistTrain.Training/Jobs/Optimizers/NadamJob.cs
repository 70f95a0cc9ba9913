using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Adam with Nesterov's momentum.</summary>
[JobChoice("nadam", "Adam with Nesterov's momentum.")]
public sealed record NadamJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 0.002;

    [JobKey("Memory of the running mean of gradients.", Min = 0, Max = 1, BelowMax = true)]
    public double Beta1 { get; init; } = 0.9;

    [JobKey("Memory of the running mean of squares.", Min = 0, Max = 1, BelowMax = true)]
    public double Beta2 { get; init; } = 0.999;

    [JobKey(EpsilonDoc, Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 1e-8;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new NAdam(Beta1, Beta2, Epsilon, l2, clipValue, l1);
}
