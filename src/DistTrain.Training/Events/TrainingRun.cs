namespace DistTrain.Training;

/// <summary>What FitAsync returns: the trained model and how it came about.</summary>
/// <param name="Model">The model that was given, now with the final weights.</param>
/// <param name="Job">What was run, with all defaults.</param>
/// <param name="Epochs">One for each epoch of this run (Keras: History).</param>
/// <param name="Done">Totals, test result, hash.</param>
public sealed record TrainingRun(Model Model, Job Job, IReadOnlyList<EpochCompleted> Epochs, RunDone Done)
{
    public string WeightsSha256 => Done.WeightsSha256;

    /// <summary>The run folder, or null when none was kept.</summary>
    public string? Folder => Done.Run;
}
