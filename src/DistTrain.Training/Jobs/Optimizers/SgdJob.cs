using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Plain stochastic gradient descent.</summary>
[JobChoice("sgd", "Plain stochastic gradient descent.")]
public sealed record SgdJob : OptimizerJob
{
    [JobKey(LearningRateDoc, Min = 0, AboveMin = true)]
    public override double LearningRate { get; init; } = 0.001;

    private protected override IUpdateRule Create(float l2, float clipValue, float l1) => new Sgd(l2, clipValue, l1);
}
