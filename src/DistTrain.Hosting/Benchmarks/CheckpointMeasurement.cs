namespace DistTrain.Hosting;

/// <summary>What <see cref="CheckpointBench"/> measured, in alternating windows of one run.</summary>
/// <param name="WithSeconds">Time of each window that begins with a checkpoint.</param>
/// <param name="WithoutSeconds">Time of the window after it, in which no checkpoint is due.</param>
/// <param name="WriteSeconds">From a checkpoint's version to its manifest, while training goes on.</param>
/// <param name="Bytes">Of one checkpoint.</param>
/// <param name="DiskSeconds">Plain sequential writing and flushing of as many bytes to the same folder, nothing else going on; before and after.</param>
/// <param name="LeftOut">Checkpoints that were due and were left out, because others were still being written.</param>
public sealed record CheckpointMeasurement(
    IReadOnlyList<double> WithSeconds,
    IReadOnlyList<double> WithoutSeconds,
    IReadOnlyList<double> WriteSeconds,
    long Bytes,
    IReadOnlyList<double> DiskSeconds,
    int LeftOut)
{
    /// <summary>Time with over time without, for each pair of windows.</summary>
    public IReadOnlyList<double> Ratios => [.. WithSeconds.Zip(WithoutSeconds, (with, without) => with / without)];
}
