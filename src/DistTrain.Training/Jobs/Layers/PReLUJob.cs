using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>x where it is positive, a trained share of x elsewhere.</summary>
[JobChoice("PReLU", "x where it is positive, a trained share of x elsewhere.")]
public sealed record PReLUJob : LayerJob
{
    [JobKey("One share for each place of the last dimension, instead of one for each number.")]
    public bool SharedPositions { get; init; }

    [JobKey("First values of the shares.")]
    public InitializerKind AlphaInitializer { get; init; } = InitializerKind.Zeros;

    public override Op ToOp() => new PReLU { SharedPositions = SharedPositions, AlphaInitializer = AlphaInitializer.ToInitializer() };
}
