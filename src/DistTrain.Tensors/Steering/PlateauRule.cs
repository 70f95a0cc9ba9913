namespace DistTrain.Tensors;

/// <summary>
/// Keras' ReduceLROnPlateau: after <see cref="Patience"/> measurements without a better one the learning rate is multiplied by
/// <see cref="Factor"/>, but never below <see cref="FactorMin"/> of what it was.
/// </summary>
/// <param name="Monitor">What is measured.</param>
/// <param name="Factor">In (0, 1).</param>
/// <param name="Patience">Measurements, 1 or more.</param>
/// <param name="MinDelta">Better means by more than this; 0 or more.</param>
/// <param name="Cooldown">Measurements after a reduction that don't count, 0 or more.</param>
/// <param name="FactorMin">Smallest product of all reductions.</param>
public sealed record PlateauRule(MonitoredMean Monitor, double Factor, int Patience, double MinDelta, int Cooldown, double FactorMin);
