using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Mean of the absolute differences.</summary>
[JobChoice("meanAbsoluteError", "Mean of the absolute differences.")]
public sealed record MeanAbsoluteErrorJob : LossJob
{
    public override Loss ToLoss() => new MeanAbsoluteError();
}
