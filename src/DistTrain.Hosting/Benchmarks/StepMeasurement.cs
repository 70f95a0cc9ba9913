namespace DistTrain.Hosting;

/// <summary>What <see cref="StepBench"/> measured.</summary>
/// <param name="StepSeconds">Time from one committed step to the next, in order, without the warm-up.</param>
/// <param name="Samples">Samples of those steps.</param>
/// <param name="Seconds">Wall time of those steps.</param>
/// <param name="CpuSeconds">Processor time of the whole process meanwhile.</param>
/// <param name="TotalSteps">All steps of the run, the warm-up included.</param>
/// <param name="WeightsSha256">Of the weights after <see cref="TotalSteps"/>.</param>
public sealed record StepMeasurement(
    IReadOnlyList<double> StepSeconds, long Samples, double Seconds, double CpuSeconds, long TotalSteps, string WeightsSha256);
