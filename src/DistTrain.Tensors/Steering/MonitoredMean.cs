namespace DistTrain.Tensors;

/// <summary>One of the means that an evaluation gives.</summary>
/// <param name="Mean">Its index: 0 the loss, 1 the metric.</param>
/// <param name="Maximize">Whether larger is better.</param>
public readonly record struct MonitoredMean(int Mean, bool Maximize);
