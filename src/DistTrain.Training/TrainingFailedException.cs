namespace DistTrain.Training;

/// <summary>A run that can't go on for reasons in its numbers (diverged). Command lines print the message and exit with code 3.</summary>
public sealed class TrainingFailedException(string message) : Exception(message)
{
    /// <param name="step">The step whose sum it is.</param>
    /// <param name="what">"loss", or the place in the parameters.</param>
    /// <param name="slice">First slice that has it; negative when not known.</param>
    public static TrainingFailedException NotFinite(long step, string what, int slice)
    {
        string where = slice < 0 ? "" : $", slice {slice}";
        return new($"step {step}{where}: {what} is not finite; the run stops before the update. A smaller learning rate or train.clipValue often helps");
    }
}
