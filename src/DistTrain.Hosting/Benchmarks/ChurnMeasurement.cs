using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>What <see cref="ChurnBench"/> saw of one run.</summary>
/// <param name="Seconds">From the start to the end.</param>
/// <param name="WeightsSha256">Of the run's weights.</param>
/// <param name="CommittedSamples">Samples that entered the weights: each once a pass.</param>
/// <param name="DroppedSamples">Samples computed again or delivered twice, whose sums were dropped.</param>
/// <param name="PassSamples">Samples of each pass that was completed, in order.</param>
/// <param name="Killed">How many of each role were killed; each was followed by another.</param>
public sealed record ChurnMeasurement(
    double Seconds,
    string WeightsSha256,
    long CommittedSamples,
    long DroppedSamples,
    IReadOnlyList<long> PassSamples,
    IReadOnlyDictionary<MachineRole, int> Killed);
