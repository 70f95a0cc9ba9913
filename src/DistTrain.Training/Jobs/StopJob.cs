namespace DistTrain.Training;

/// <summary>train.stop: ends of a run besides that of its epochs; the first one counts.</summary>
public sealed record StopJob
{
    [JobKey("Ends after the first epoch whose weights have at most this loss over the validation part, or over the training part where there is no other.", Automatic = "never")]
    public double? Loss { get; init; }

    [JobKey("Ends after so many steps: the same as train.steps.", Min = 1, Max = 1_000_000_000_000, Automatic = "all steps of all epochs")]
    public long? Steps { get; init; }

    [JobKey("Ends after so many seconds, at the next step that all can reach. A clock isn't part of a job's bits: the run says its last step, and train.steps with it gives the same weights again.", Min = 0, AboveMin = true, DecidesBits = false, Automatic = "never")]
    public double? Time { get; init; }
}
