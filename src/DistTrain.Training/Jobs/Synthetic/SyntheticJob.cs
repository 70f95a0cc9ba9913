using DistTrain.Data;

namespace DistTrain.Training;

/// <summary>A small set drawn from a seed: one alternative of data.synthetic.</summary>
[JobChoices(typeof(BlobsJob), typeof(MoonsJob), typeof(SpiralsJob), typeof(SinesJob))]
public abstract record SyntheticJob
{
    [JobKey("Samples.", Min = 2, Max = 10_000_000)]
    public int Samples { get; init; } = 1000;

    [JobKey("Standard deviation of the noise.", Min = 0)]
    public double Noise { get; init; } = 0.1;

    [JobKey("The set's own seed.", Min = 0, Max = ulong.MaxValue)]
    public ulong Seed { get; init; } = 1;

    internal abstract IDataSource Open();
}
