using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Two classes kept apart by a margin of 1; targets 0 and 1, or -1 and 1.</summary>
[JobChoice("hinge", "Two classes kept apart by a margin of 1; targets 0 and 1, or -1 and 1.")]
public sealed record HingeJob : LossJob
{
    [JobKey("Squares the loss of each output.")]
    public bool Squared { get; init; }

    public override Loss ToLoss() => new Hinge(Squared);
}
