using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>SGD with Nesterov's momentum.</summary>
[JobChoice("nesterov", "SGD with Nesterov's momentum.")]
public sealed record NesterovJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 0.001;

    [JobKey("Share of the velocity that is kept.", Min = 0, Max = 1, BelowMax = true)]
    public double Momentum { get; init; } = 0.9;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new Nesterov(Momentum, l2, clipValue, l1);
}
