using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The largest value of each window.</summary>
[JobChoice("MaxPooling2D", "The largest value of each window.")]
public sealed record MaxPooling2DJob : LayerJob
{
    [JobKey(PoolSizeDoc, Min = 1, Max = 1024)]
    public WindowSize PoolSize { get; init; } = 2;

    [JobKey(StridesDoc, Min = 1, Max = 1024, Automatic = "the pool size")]
    public WindowSize? Strides { get; init; }

    [JobKey(PaddingDoc)]
    public Padding Padding { get; init; } = Padding.Valid;

    public override Op ToOp() => new MaxPooling2D(PoolSize) { Strides = Strides, Padding = Padding };
}
