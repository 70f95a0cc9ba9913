using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Steps divided by the root of all squared gradients so far.</summary>
[JobChoice("adagrad", "Steps divided by the root of all squared gradients so far.")]
public sealed record AdagradJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 0.01;

    [JobKey(EpsilonDoc, Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 1e-10;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new AdaGrad(Epsilon, l2, clipValue, l1);
}
