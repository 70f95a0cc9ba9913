using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>SGD with momentum.</summary>
[JobChoice("momentum", "SGD with momentum.")]
public sealed record MomentumJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 0.001;

    [JobKey("Share of the velocity that is kept.", Min = 0, Max = 1, BelowMax = true)]
    public double Momentum { get; init; } = 0.9;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new Momentum(Momentum, l2, clipValue, l1);
}
