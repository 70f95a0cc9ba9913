using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>How far the predicted shares of classes are from the target's; with softmax.</summary>
[JobChoice("klDivergence", "How far the predicted shares of classes are from the target's; with softmax.")]
public sealed record KLDivergenceJob : LossJob
{
    public override Loss ToLoss() => new KLDivergence();
}
