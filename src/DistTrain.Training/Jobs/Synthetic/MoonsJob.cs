using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("moons", "Two half circles that reach into each other.")]
public sealed record MoonsJob : SyntheticJob
{
    internal override IDataSource Open() => SyntheticSet.Moons(Samples, (float)Noise, Seed);
}
