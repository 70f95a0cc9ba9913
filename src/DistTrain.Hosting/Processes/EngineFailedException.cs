namespace DistTrain.Hosting;

/// <summary>The processes of a run, or the way to them, can't be kept up; nothing is wrong with job, data or numbers.</summary>
public sealed class EngineFailedException(string message, Exception? inner = null) : Exception(message, inner);
