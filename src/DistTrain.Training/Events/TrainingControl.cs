namespace DistTrain.Training;

/// <summary>What a callback may ask of the run.</summary>
public sealed class TrainingControl
{
    private volatile string? reason;

    /// <summary>Why the run is to stop, or null.</summary>
    public string? StopReason => reason;

    public bool StopRequested => reason is not null;

    /// <summary>The run ends as soon as the steps under way are done (Keras: stop_training); the first reason stays.</summary>
    public void Stop(string why = "a callback asked for it") => Interlocked.CompareExchange(ref reason, why, null);
}
