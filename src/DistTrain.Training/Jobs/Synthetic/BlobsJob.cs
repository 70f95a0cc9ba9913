using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("blobs", "Round clouds, one a class.")]
public sealed record BlobsJob : SyntheticJob
{
    [JobKey("Clouds.", Min = 1, Max = 1000)]
    public int Classes { get; init; } = 3;

    [JobKey("Numbers of a sample.", Min = 1, Max = 10_000)]
    public int Dimensions { get; init; } = 2;

    internal override IDataSource Open() => SyntheticSet.Blobs(Samples, Classes, Dimensions, (float)Noise, Seed);
}
