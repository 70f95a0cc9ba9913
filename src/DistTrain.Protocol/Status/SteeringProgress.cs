using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>What measurements have decided, for every version up to the next one that is measured.</summary>
/// <param name="Measured">The newest measured version; one before the run epoch's first when nothing was measured since.</param>
/// <param name="Before">Up to <paramref name="Measured"/>: before that version was measured.</param>
/// <param name="After">From there on.</param>
public sealed record SteeringProgress(WeightVersion Measured, SteeringState Before, SteeringState After);
