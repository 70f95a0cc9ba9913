using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The mean of each window; padding is not counted.</summary>
[JobChoice("AveragePooling2D", "The mean of each window; padding is not counted.")]
public sealed record AveragePooling2DJob : LayerJob
{
    [JobKey(PoolSizeDoc, Min = 1, Max = 1024)]
    public WindowSize PoolSize { get; init; } = 2;

    [JobKey(StridesDoc, Min = 1, Max = 1024, Automatic = "the pool size")]
    public WindowSize? Strides { get; init; }

    [JobKey(PaddingDoc)]
    public Padding Padding { get; init; } = Padding.Valid;

    public override Op ToOp() => new AveragePooling2D(PoolSize) { Strides = Strides, Padding = Padding };
}
