using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Adam with decoupled weight decay.</summary>
[JobChoice("adamw", "Adam with decoupled weight decay.")]
public sealed record AdamWJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 0.001;

    [JobKey("Memory of the running mean of gradients.", Min = 0, Max = 1, BelowMax = true)]
    public double Beta1 { get; init; } = 0.9;

    [JobKey("Memory of the running mean of squares.", Min = 0, Max = 1, BelowMax = true)]
    public double Beta2 { get; init; } = 0.999;

    [JobKey(EpsilonDoc, Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 1e-8;

    [JobKey("Decay a step, as a multiple of the learning rate.", Min = 0)]
    public double WeightDecay { get; init; } = 0.01;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new AdamW(Beta1, Beta2, Epsilon, WeightDecay, l2, clipValue, l1);
}
