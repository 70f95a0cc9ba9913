namespace DistTrain.Hosting;

/// <summary>What <see cref="StepBench"/> measured.</summary>
/// <param name="StepSeconds">Time of each step, in order, without the warm-up: the mean of those committed within a second, or of a longer one by itself.</param>
/// <param name="Samples">Samples of those steps.</param>
/// <param name="Seconds">Wall time of those steps.</param>
/// <param name="CpuSeconds">Processor time meanwhile, by process: this one first.</param>
/// <param name="TotalSteps">All steps of the run, the warm-up included.</param>
/// <param name="WeightsSha256">Of the weights after <see cref="TotalSteps"/>.</param>
public sealed record StepMeasurement(
    IReadOnlyList<double> StepSeconds,
    long Samples,
    double Seconds,
    IReadOnlyList<(string Process, double Seconds)> CpuSeconds,
    long TotalSteps,
    string WeightsSha256)
{
    /// <summary>Processes and machines at the end, with bytes and the split of a step; null: one process for all.</summary>
    public RunReport? Report { get; init; }

    public double MedianSeconds => StepSeconds.Order().ElementAt(StepSeconds.Count / 2);
}
