using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("sines", "Regression: a sum of sine waves of one number.")]
public sealed record SinesJob : SyntheticJob
{
    [JobKey("Waves.", Min = 1, Max = 1000)]
    public int Waves { get; init; } = 3;

    internal override IDataSource Open() => SyntheticSet.Sines(Samples, Waves, (float)Noise, Seed);
}
