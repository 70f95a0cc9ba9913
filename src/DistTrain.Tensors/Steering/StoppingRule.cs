namespace DistTrain.Tensors;

/// <summary>Keras' EarlyStopping: the run ends at the version whose measurement is the <see cref="Patience"/>th in a row that was no better.</summary>
/// <param name="Monitor">What is measured.</param>
/// <param name="Patience">Measurements, 1 or more.</param>
/// <param name="MinDelta">Better means by more than this; 0 or more.</param>
/// <param name="RestoreBest">The run's weights are those of the best measurement, however the run came to its end.</param>
public sealed record StoppingRule(MonitoredMean Monitor, int Patience, double MinDelta, bool RestoreBest);
