using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Mean of the squared differences.</summary>
[JobChoice("meanSquaredError", "Mean of the squared differences.")]
public sealed record MeanSquaredErrorJob : LossJob
{
    public override Loss ToLoss() => new MeanSquaredError();
}
