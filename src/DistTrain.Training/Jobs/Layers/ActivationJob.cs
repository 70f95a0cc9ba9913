using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>An activation as a layer of its own.</summary>
[JobChoice("Activation", "An activation as a layer of its own.")]
public sealed record ActivationJob : LayerJob
{
    [JobKey("Which.", Required = true)]
    public ActivationKind Activation { get; init; }

    public override Op ToOp() => Activation.ToOp();
}
