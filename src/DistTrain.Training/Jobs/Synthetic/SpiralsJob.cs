using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("spirals", "Arms that wind around the middle.")]
public sealed record SpiralsJob : SyntheticJob
{
    [JobKey("Arms.", Min = 1, Max = 1000)]
    public int Classes { get; init; } = 2;

    [JobKey("How often an arm goes around.", Min = 0)]
    public double Turns { get; init; } = 1.5;

    internal override IDataSource Open() => SyntheticSet.Spirals(Samples, Classes, (float)Turns, (float)Noise, Seed);
}
