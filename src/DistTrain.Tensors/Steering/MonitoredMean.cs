namespace DistTrain.Tensors;

/// <summary>One of the means that an evaluation gives.</summary>
/// <param name="Mean">Its index: 0 the loss, 1 its metric, from 2 on <see cref="SteeringRules.Metrics"/>.</param>
/// <param name="Maximize">Whether larger is better.</param>
public readonly record struct MonitoredMean(int Mean, bool Maximize);
