namespace DistTrain.Training;

/// <summary>A metric of an evaluation.</summary>
/// <param name="Name">As in jobs: "rocAuc".</param>
/// <param name="Value">NaN where nothing could be measured.</param>
public readonly record struct MetricValue(string Name, double Value);
