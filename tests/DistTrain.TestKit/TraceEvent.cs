namespace DistTrain.TestKit;

/// <summary>A span, or (with its end at its begin) an instant, in microseconds.</summary>
public sealed record TraceEvent(string Name, int Process, int Line, double Begin, double End, IReadOnlyDictionary<string, double> Arguments);
