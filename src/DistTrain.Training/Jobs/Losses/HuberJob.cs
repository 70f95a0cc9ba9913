using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Squared near the target, straight beyond delta.</summary>
[JobChoice("huber", "Squared near the target, straight beyond delta.")]
public sealed record HuberJob : LossJob
{
    [JobKey("Where it becomes straight.", Min = 0, AboveMin = true)]
    public double Delta { get; init; } = 1;

    public override Loss ToLoss() => new Huber((float)Delta);
}
