namespace DistTrain.Data;

/// <summary>
/// The built-in set: hand-like digits of 28 × 28 pixels with one channel, drawn from a seed with nothing to download.
/// Its bytes are part of the numerics contract.
/// </summary>
public static class DigitsSet
{
    public const string Name = "digits";
    public const int TrainCount = 10_000;
    public const int TestCount = 2_000;

    /// <summary>The seed of the set, apart from a job's seed: runs with other seeds learn the same pictures.</summary>
    public const ulong DefaultSeed = 1;

    public static Splits Open(ulong seed = DefaultSeed) => new(
        new DigitsSource(Name, seed, 0, TrainCount),
        Test: new DigitsSource(Name, seed, TrainCount, TestCount));
}
